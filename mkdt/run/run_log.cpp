#include "mkdt/run/run_log.h"

#include <chrono>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/json.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/publish/contact_sheet.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::seconds kProgressEvery{5};
constexpr const char* kProgress = "progress.json";

fs::path images_file(const fs::path& folder, const std::string& task) {
  return folder / (task + ".safetensors");
}

}  // namespace

LiveFiles::LiveFiles(const fs::path& run_folder)
    : folder_(run_folder / kLiveFolder), throttle_(kProgressEvery) {}

void LiveFiles::begin(const std::string& task, int64_t total, const std::string& unit) {
  progress_ = {};
  progress_.task = task;
  progress_.unit = unit;
  progress_.total = total;
  rate_ = ProgressRate();
  begun_ = false;
}

void LiveFiles::advance(int64_t done, const std::string& note) {
  rate_.advance(done);
  progress_.done = done;
  progress_.note = note;
  progress_.rate = rate_.per_second();
  const bool first = !std::exchange(begun_, true);
  if (usable_) throttle_.call([this] { write_progress(); }, first);
}

// Creates the folder without syncing it, as nobody needs it after a power cut. If it cannot be
// created, writing into it reports that.
void LiveFiles::make_folder() const {
  std::error_code ignored;
  fs::create_directory(folder_, ignored);
}

void LiveFiles::write_progress() {
  const nlohmann::ordered_json entry = {{"task", progress_.task},   {"done", progress_.done},
                                        {"total", progress_.total}, {"unit", progress_.unit},
                                        {"rate", progress_.rate},   {"note", progress_.note}};
  make_folder();
  try {
    write_text_atomically(folder_ / kProgress,
                          entry.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } catch (const Error&) {
    usable_ = false;
  }
}

void LiveFiles::images(const std::string& task, int64_t step, const torch::Tensor& pixels) {
  if (!usable_) return;
  TensorFile file;
  file.tensors["images"] = pixels.cpu();
  file.metadata = {{"kind", "mkdt live images"}, {"step", std::to_string(step)}};
  make_folder();
  try {
    write_safetensors(images_file(folder_, task), file);
  } catch (const Error&) {
    usable_ = false;
  }
}

void LiveFiles::end_progress() {
  std::error_code ignored;
  fs::remove(folder_ / kProgress, ignored);
  fs::remove(folder_, ignored);  // if nothing else is in it
}

void LiveFiles::remove() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::optional<LiveProgress> read_live_progress(const fs::path& run_folder) {
  try {
    const fs::path path = run_folder / kLiveFolder / kProgress;
    if (!fs::exists(path)) return std::nullopt;
    const auto entry = nlohmann::json::parse(read_json_text(path));
    LiveProgress progress;
    entry.at("task").get_to(progress.task);
    entry.at("unit").get_to(progress.unit);
    entry.at("note").get_to(progress.note);
    entry.at("rate").get_to(progress.rate);
    progress.done = json_integer(entry.at("done"));
    progress.total = json_integer(entry.at("total"));
    return progress;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  } catch (const Error&) {  // also if it was replaced or removed meanwhile
    return std::nullopt;
  }
}

std::optional<LiveImages> read_live_images(const fs::path& run_folder, const std::string& task) {
  const fs::path path = images_file(run_folder / kLiveFolder, task);
  try {
    if (!fs::exists(path)) return std::nullopt;
    const TensorFile file = read_safetensors(path);
    const torch::Tensor& pixels = file.tensor("images");
    if (pixels.dim() != 4 || pixels.scalar_type() != torch::kUInt8 || pixels.numel() == 0) {
      return std::nullopt;
    }
    return LiveImages{pixels.clone(), file.integer("step")};
  } catch (const Error&) {
    return std::nullopt;
  }
}

namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds kImagesEvery{30};

}  // namespace

RunLog::RunLog(const std::filesystem::path& folder, Observer& next)
    : folder_(folder), tensorboard_(folder), live_(folder), next_(next) {}

RunLog::~RunLog() { live_.end_progress(); }

void RunLog::log(const char* level, const std::string& message, const std::string& event) {
  if (!log_) log_.emplace(folder_ / kLogFile);
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
  if (!metrics_) metrics_.emplace(folder_ / kMetricsFile);
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
