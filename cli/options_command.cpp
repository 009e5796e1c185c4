#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "mkdt/run/config.h"

namespace mkdt::cli {
namespace {

void print_text(const Option& option) {
  const std::string range = option.range();
  fmt::print("  {} = {}\n      {}{}. {}\n", option.name, option.default_value, option.type(),
             range.empty() ? "" : ", " + range, option.help);
}

// Escapes a vertical bar, which would end the table's cell.
std::string cell(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '|' ? std::string("\\|") : std::string(1, c);
  return result;
}

void print_markdown(const Option& option) {
  fmt::print("| `{}` | {} | `{}` | {} | {} |\n", option.name, option.type(), option.default_value,
             cell(option.range()), cell(option.help));
}

void print_options(bool markdown) {
  const Config defaults;
  if (markdown) fmt::print("# Options\n\nMade by `mkdt options --markdown`.\n");
  std::string section;
  for (const Option& option : defaults.table.options()) {
    if (option.section != section) {
      section = option.section;
      fmt::print("\n{}[{}]\n", markdown ? "## " : "", section);
      if (markdown) {
        fmt::print("\n| key | type | default | range | meaning |\n|---|---|---|---|---|\n");
      }
    }
    markdown ? print_markdown(option) : print_text(option);
  }
}

}  // namespace

void add_options_command(CLI::App& app) {
  const auto markdown = std::make_shared<bool>(false);
  CLI::App* command =
      app.add_subcommand("options", "List every option with its type, default, range and meaning.");
  command->add_flag("--markdown", *markdown, "As Markdown tables (docs/reference/options.md)");
  command->callback([markdown] { print_options(*markdown); });
}

}  // namespace mkdt::cli
