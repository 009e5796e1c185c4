#include "mkdt/pipeline/run_log.h"

#include <chrono>
#include <cmath>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/report/contact_sheet.h"

namespace mkdt {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds kImagesEvery{30};

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

}  // namespace

RunLog::RunLog(const std::filesystem::path& folder, Observer& next)
    : folder_(folder), tensorboard_(folder), live_(folder), next_(next) {}

RunLog::~RunLog() { live_.end_progress(); }

void RunLog::log(const char* level, const std::string& message, const std::string& event) {
  if (!log_) log_.emplace(folder_ / "log.jsonl");
  Json line = {{"time", utc_now()}, {"level", level}, {"message", message}};
  if (!event.empty()) line["event"] = event;
  log_->add_line(line.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void RunLog::event(const std::string& event, const std::string& message) {
  log(event == kRunFailed ? "error" : "info", message, event);
  if (event == kRunFinished) live_.remove();
}

void RunLog::begin(const std::string& task, int64_t total, const std::string& unit) {
  log("info", fmt::format("{}: begins, {} {}", task, total, unit));
  live_.begin(task, total, unit);
  next_.begin(task, total, unit);
}

void RunLog::advance(int64_t done, const std::string& note) {
  live_.advance(done, note);
  next_.advance(done, note);
}

void RunLog::end() {
  live_.end_progress();
  next_.end();
}

void RunLog::info(const std::string& message) {
  log("info", message);
  next_.info(message);
}

void RunLog::warn(const std::string& message) {
  log("warning", message);
  next_.warn(message);
}

void RunLog::metric(const std::string& name, int64_t step, double value) {
  Json line = {{"name", name}, {"step", step}, {"value", nullptr}};
  if (std::isfinite(value)) line["value"] = value;
  if (!metrics_) metrics_.emplace(folder_ / "metrics.jsonl");
  metrics_->add_line(line.dump());
  tensorboard_.scalar(name, step, value);
  next_.metric(name, step, value);
}

void RunLog::images(const std::string& name, int64_t step, bool last,
                    const std::function<torch::Tensor()>& pixels) {
  Throttle& throttle = throttles_.try_emplace(name, kImagesEvery).first->second;
  throttle.call(
      [&] {
        const torch::Tensor all = pixels().cpu();
        tensorboard_.image(name, step, sample_sheet(all));
        live_.images(name.substr(0, name.find('/')), step, all);
      },
      last);
  next_.images(name, step, last, pixels);
}

}  // namespace mkdt
