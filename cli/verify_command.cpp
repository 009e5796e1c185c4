// mkdt verify: the files of a run against their checksums.
#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/terminal_observer.h"
#include "mkdt/stages/verify.h"

namespace mkdt::cli {
namespace {

constexpr ExitStatus kNotWhole = 1;

ExitStatus execute(const std::string& folder) {
  TerminalObserver observer;
  std::map<FileState, int64_t> counts;
  for (const VerifiedFile& file : verify_run(folder, observer)) {
    ++counts[file.state];
    if (file.state == FileState::kDamaged) fmt::print("damaged  {}\n", file.path);
    if (file.state == FileState::kMissing) fmt::print("missing  {}\n", file.path);
  }
  const int64_t wrong = counts[FileState::kDamaged] + counts[FileState::kMissing];
  fmt::print("{} files whole, {} damaged, {} missing; {} without a recorded checksum\n",
             counts[FileState::kWhole], counts[FileState::kDamaged], counts[FileState::kMissing],
             counts[FileState::kUnchecked]);
  if (wrong > 0) {
    fmt::print(
        "Delete the damaged files: `mkdt run` makes missing files again, and a checkpoint "
        "falls back to\nthe one before.\n");
  }
  return wrong > 0 ? kNotWhole : 0;
}

}  // namespace

void add_verify_command(CLI::App& app, ExitStatus& status) {
  const auto folder = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "verify", "Compare every file of a run with the checksum that was recorded of it.");
  command->add_option("RUN", *folder, "A run folder")->required();
  command->footer("Exit status 1 if a file is damaged or missing.");
  command->callback([folder, &status] { status = execute(*folder); });
}

}  // namespace mkdt::cli
