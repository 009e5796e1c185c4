#include "cli/with_report.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "mkdt/report/page.h"

namespace mkdt::cli {

void add_report_flag(CLI::App& command, bool& wanted) {
  command.add_flag("--report", wanted,
                   "Keep RUN/report.html up to date from the first step on; open it in a browser "
                   "and it follows the run");
}

void with_report(bool wanted, const std::filesystem::path& run_folder, Observer& observer,
                 const std::function<void(Observer&)>& work) {
  if (!wanted) {
    work(observer);
    return;
  }
  const std::filesystem::path path = run_folder / kReportFile;
  LiveReport report(run_folder, path, observer);
  try {
    work(report);
  } catch (...) {
    report.finish();  // says how it ended
    throw;
  }
  if (report.finish()) observer.info(fmt::format("report: {}", path.string()));
}

}  // namespace mkdt::cli
