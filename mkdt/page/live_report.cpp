#include "mkdt/page/live_report.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/page/page.h"

namespace mkdt {
namespace {

constexpr std::chrono::seconds kWriteEvery{10};

}  // namespace

LiveReport::LiveReport(std::filesystem::path run_folder, std::filesystem::path path, Observer& next)
    : folder_(std::move(run_folder)), path_(std::move(path)), next_(next), throttle_(kWriteEvery) {}

void LiveReport::begin(const std::string& task, int64_t total, const std::string& unit) {
  next_.begin(task, total, unit);
}

void LiveReport::advance(int64_t done, const std::string& note) {
  next_.advance(done, note);
  if (usable_) throttle_.call([this] { write(/*live=*/true); });
}

void LiveReport::metric(const std::string& name, int64_t step, double value) {
  next_.metric(name, step, value);
}

void LiveReport::images(const std::string& name, int64_t step, bool last,
                        const std::function<torch::Tensor()>& pixels) {
  next_.images(name, step, last, pixels);
}

bool LiveReport::finish() { return write(/*live=*/false); }

bool LiveReport::write(bool live) {
  try {
    write_report(path_, {folder_},
                 live ? std::optional<int>(static_cast<int>(kWriteEvery.count())) : std::nullopt);
    return true;
  } catch (const Error& error) {
    if (std::exchange(usable_, false)) next_.warn(fmt::format("report: {}", error.what()));
    return false;
  }
}

}  // namespace mkdt
