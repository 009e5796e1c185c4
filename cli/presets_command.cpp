#include <algorithm>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/presets.h"
#include "mkdt/base/error.h"
#include "mkdt/base/text.h"
#include "mkdt/io/durable_file.h"

namespace mkdt::cli {
namespace {

void print_list() {
  const auto folder = presets_folder();
  if (!folder) throw Error("the presets are missing: no share/mkdt/configs beside the program");
  size_t width = 0;
  for (const Preset& preset : presets()) width = std::max(width, preset.name.size());
  for (const Preset& preset : presets()) {
    fmt::print("{:<{}}  {}\n", printable(preset.name), width, printable(preset.summary));
  }
  fmt::print("\nThey lie in {}. `mkdt run NAME` takes one, `mkdt presets NAME` prints it.\n",
             printable(folder->string()));
}

void print_preset(const std::string& name) {
  const auto file = preset_named(name);
  if (!file) throw Error(no_preset(name));
  fmt::print("{}", read_text(*file));
}

}  // namespace

void add_presets_command(CLI::App& app) {
  const auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "presets", "List the configurations that come with the program, or print one.");
  command->add_option("PRESET", *name, "Its name; mkdt presets demo > mine.toml is a beginning");
  command->callback([name] { name->empty() ? print_list() : print_preset(*name); });
}

}  // namespace mkdt::cli
