#include "mkdt/pipeline/run_log.h"

#include <chrono>
#include <cmath>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace mkdt {
namespace {

using Json = nlohmann::ordered_json;

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

}  // namespace

RunLog::RunLog(const std::filesystem::path& folder, Observer& next)
    : folder_(folder), tensorboard_(folder), next_(next) {}

void RunLog::log(const char* level, const std::string& message) {
  if (!log_) log_.emplace(folder_ / "log.jsonl");
  log_->add_line(Json{{"time", utc_now()}, {"level", level}, {"message", message}}.dump(
      -1, ' ', false, Json::error_handler_t::replace));
}

void RunLog::begin(const std::string& task, int64_t total, const std::string& unit) {
  log("info", fmt::format("{}: begins, {} {}", task, total, unit));
  next_.begin(task, total, unit);
}

void RunLog::advance(int64_t done, const std::string& note) { next_.advance(done, note); }

void RunLog::end() { next_.end(); }

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

}  // namespace mkdt
