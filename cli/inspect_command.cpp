#include <filesystem>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/inspect_file.h"
#include "mkdt/base/error.h"
#include "mkdt/base/units.h"
#include "mkdt/run/manifest.h"
#include "mkdt/stages/stage.h"

namespace mkdt::cli {
namespace {

namespace fs = std::filesystem;

void inspect_run(const fs::path& folder) {
  bool any = false;
  const Config defaults;
  for (const Stage& stage : stages_of(defaults)) {
    const auto manifest = read_manifest(folder / stage.name / kManifestFile);
    if (!manifest) continue;
    any = true;
    fmt::print("{:<10} {:>8.1f} s  {:>8}  {} files\n", manifest->stage, manifest->seconds,
               manifest->peak_memory ? byte_text(*manifest->peak_memory) : "",
               manifest->outputs.size());
  }
  if (!any) throw Error(fmt::format("{}: no finished stage in this folder", folder.string()));
}

}  // namespace

void add_inspect_command(CLI::App& app) {
  const auto path = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "inspect", "Print what a file of mkdt holds, or which stages of a run are done.");
  command->add_option("PATH", *path, "A file that mkdt writes, or a run folder")->required();
  command->callback([path] { fs::is_directory(*path) ? inspect_run(*path) : inspect_file(*path); });
}

}  // namespace mkdt::cli
