#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/among_images.h"
#include "cli/commands.h"
#include "cli/stop_signal.h"
#include "cli/verbosity.h"
#include "mkdt/base/units.h"
#include "mkdt/report/page.h"
#include "mkdt/run/run_lock.h"

namespace mkdt::cli {
namespace {

namespace fs = std::filesystem;

struct ReportArguments {
  std::vector<std::string> runs;
  std::string out;
  bool watch = false;
  int every = 10;  // seconds
};

fs::path output(const ReportArguments& arguments) {
  if (!arguments.out.empty()) return arguments.out;
  return arguments.runs.size() == 1 ? fs::path(arguments.runs[0]) / kReportFile
                                    : fs::path(kReportFile);
}

bool any_running(const std::vector<fs::path>& runs) {
  for (const fs::path& run : runs) {
    if (is_locked(run)) return true;
  }
  return false;
}

// Returns false where a signal came before the time was over.
bool wait(int seconds) {
  constexpr std::chrono::milliseconds kStep{100};
  for (int i = 0; i < 10 * seconds && stop_signal() == 0; ++i) std::this_thread::sleep_for(kStep);
  return stop_signal() == 0;
}

// Rewrites the report until a run that was in progress has ended, or until Ctrl-C.
void watch(const ReportArguments& arguments, const std::vector<fs::path>& runs,
           const fs::path& out) {
  if (!verbosity().quiet) {
    fmt::print("{}: written every {} s while a run is in progress; Ctrl-C ends this, not the run\n",
               out.string(), arguments.every);
    std::fflush(stdout);
  }
  bool was_running = false;
  do {
    const bool running = any_running(runs);
    if (was_running && !running) break;
    was_running = running;
    write_report(out, runs, arguments.every);
  } while (wait(arguments.every));
}

void report(const ReportArguments& arguments) {
  const std::vector<fs::path> runs(arguments.runs.begin(), arguments.runs.end());
  const fs::path out = output(arguments);
  check_output(out);
  say_if_among_images(out);
  if (arguments.watch) watch(arguments, runs, out);
  write_report(out, runs);
  if (verbosity().quiet) return;
  fmt::print("{}: {} in {}\n", out.string(),
             runs.size() == 1 ? "1 run" : fmt::format("{} runs", runs.size()),
             byte_text(static_cast<int64_t>(fs::file_size(out))));
}

}  // namespace

void add_report_command(CLI::App& app) {
  const auto arguments = std::make_shared<ReportArguments>();
  CLI::App* command = app.add_subcommand(
      "report",
      "Write one HTML file that shows runs: their synthetic images, curves, comparison, times and "
      "options. It needs no network and nothing beside it; several runs are shown side by side.");
  command->add_option("RUN", arguments->runs, "Run folders; a run may be in progress")->required();
  command->add_option("--out", arguments->out,
                      "The file; RUN/report.html, or report.html for several runs, if not given");
  command->add_flag("--watch", arguments->watch,
                    "Write it again and again until the run has ended; the open page follows");
  command->add_option("--every", arguments->every, "Seconds between two writings, with --watch")
      ->check(CLI::Range(1, 3600))
      ->needs("--watch")
      ->capture_default_str();
  command->callback([arguments] { report(*arguments); });
}

}  // namespace mkdt::cli
