#include "mkdt/page/page.h"

#include <map>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

#include "mkdt/core/atomic_file.h"
#include "mkdt/page/page_json.h"
#include "mkdt/page/read_run.h"

namespace mkdt {

extern const std::string_view kReportPage;  // report_page.html, which scripts/pack-report makes

namespace {

constexpr std::string_view kPlaceholder = R"({"placeholder":"mkdt report data"})";

// Runs of the same name are told apart by a number.
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

}  // namespace mkdt
