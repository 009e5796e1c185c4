#include "cli/command_tree.h"

#include <algorithm>
#include <sstream>

#include <CLI/CLI.hpp>

namespace mkdt::cli {
namespace {

// CLI11 tells choices by the text of their validator alone: "TEXT:{cpu,cuda}".
std::vector<std::string> choices_in(const std::string& limits) {
  std::vector<std::string> choices;
  if (limits.empty() || limits.front() != '{' || limits.back() != '}') return choices;
  std::istringstream words(limits.substr(1, limits.size() - 2));
  for (std::string word; std::getline(words, word, ',');) choices.push_back(word);
  return choices;
}

Argument argument_of(const CLI::Option& option) {
  Argument argument;
  for (const std::string& name : option.get_snames()) argument.flags.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) argument.flags.push_back("--" + name);
  argument.help = option.get_description();
  argument.required = option.get_required();
  if (option.get_items_expected_max() == 0) return argument;  // a switch
  const std::string type = option.get_type_name();
  const size_t colon = type.find(':');
  argument.value = type.substr(0, colon);
  if (colon != std::string::npos) argument.limits = type.substr(colon + 1);
  argument.choices = choices_in(argument.limits);
  if (!argument.choices.empty()) argument.limits.clear();
  if (argument.flags.empty()) argument.value = option.get_name(/*positional=*/true);
  argument.default_value = option.get_default_str();
  argument.repeated = option.get_expected_max() > 1;
  return argument;
}

bool is_flag_of(const Command& root, const Argument& argument) {
  return std::any_of(root.flags.begin(), root.flags.end(),
                     [&](const Argument& of_root) { return of_root.flags == argument.flags; });
}

Command command_of(const CLI::App& app, const CLI::App* parent, const Command* root) {
  Command command;
  command.help = app.get_description();
  if (parent == nullptr || app.get_footer() != parent->get_footer()) {  // which is inherited
    command.footer = app.get_footer();
  }
  for (const CLI::Option* option : app.get_options()) {
    const bool is_key = !option->get_lnames().empty() &&
                        option->get_lnames().front().find('.') != std::string::npos;
    if (is_key) {
      command.configured = true;
      continue;
    }
    const Argument argument = argument_of(*option);
    if (argument.flags.empty()) {
      command.positionals.push_back(argument);
    } else if (root == nullptr || !is_flag_of(*root, argument)) {
      command.flags.push_back(argument);
    }
  }
  const auto named = [](const CLI::App* sub) { return !sub->get_name().empty(); };
  for (const CLI::App* sub : app.get_subcommands(named)) {
    Command child = command_of(*sub, &app, root == nullptr ? &command : root);
    child.name = sub->get_name();
    command.commands.push_back(std::move(child));
  }
  return command;
}

void set_paths(Command& command, const std::string& before) {
  command.path = before + command.name;
  for (Command& child : command.commands) {
    set_paths(child, command.path.empty() ? "" : command.path + " ");
  }
}

void collect(const Command& command, std::vector<const Command*>& found) {
  found.push_back(&command);
  for (const Command& child : command.commands) collect(child, found);
}

}  // namespace

Command command_tree(const CLI::App& app) {
  Command root = command_of(app, nullptr, nullptr);
  set_paths(root, "");
  return root;
}

std::vector<const Command*> all_commands(const Command& root) {
  std::vector<const Command*> found;
  collect(root, found);
  return found;
}

Completion completion_of(const Argument& argument) {
  if (!argument.choices.empty()) return Completion::kChoice;
  const std::string& value = argument.value;
  const auto is_one_of = [&](std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* name) { return value == name; });
  };
  if (is_one_of({"", "INT", "UINT", "FLOAT"})) return Completion::kNothing;
  if (value == "CONFIG") return Completion::kConfiguration;
  if (value == "PRESET") return Completion::kPreset;
  if (value == "COMMAND") return Completion::kCommand;
  if (value == "KEY=VALUE") return Completion::kKey;
  if (is_one_of({"DIR", "FOLDER"})) return Completion::kFolder;
  return Completion::kFile;
}

}  // namespace mkdt::cli
