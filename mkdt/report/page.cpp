#include "mkdt/report/page.h"

#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/report/page_json.h"
#include "mkdt/report/read_run.h"

namespace mkdt {

extern const std::string_view kReportPage;  // report_page.html, which scripts/pack-report makes

namespace {

constexpr std::string_view kPlaceholder = R"({"placeholder":"mkdt report data"})";

// Adds numbers to the names of runs that have the same name.
void make_names_unique(std::vector<ReportedRun>& runs) {
  std::map<std::string, int> count;
  for (ReportedRun& run : runs) {
    const int number = ++count[run.name];
    if (number > 1) run.name += fmt::format(" ({})", number);
  }
}

}  // namespace

std::string report_page(const std::vector<std::filesystem::path>& runs,
                        std::optional<int> refresh_seconds) {
  std::vector<ReportedRun> read;
  read.reserve(runs.size());
  for (const std::filesystem::path& folder : runs) read.push_back(read_run(folder));
  make_names_unique(read);
  const size_t place = kReportPage.find(kPlaceholder);
  if (place == std::string_view::npos) throw std::logic_error("the report's template has no place");
  std::string page(kReportPage.substr(0, place));
  page += page_json(read, refresh_seconds);
  page += kReportPage.substr(place + kPlaceholder.size());
  return page;
}

void write_report(const std::filesystem::path& path, const std::vector<std::filesystem::path>& runs,
                  std::optional<int> refresh_seconds) {
  write_text_atomically(path, report_page(runs, refresh_seconds));
}

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
