#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/completion.h"

namespace mkdt::cli {
namespace {

constexpr const char* kQuote = "\\'";

constexpr const char* kHelpers = R"fish(
function __mkdt_at
    test (__mkdt_command) = "$argv"
end

function __mkdt_configurations
    printf '%s\tpreset\n' $__mkdt_presets
    set -l word (commandline -ct)
    set -l files $word*.toml
    printf '%s\n' $files
    __fish_complete_directories
end

complete -c mkdt -f
)fish";

// Quotes a word. A backslash is one within quotes, too.
std::string word(const std::string& text) {
  std::string doubled;
  for (const char c : text) doubled += c == '\\' ? std::string("\\\\") : std::string(1, c);
  return quoted(doubled, kQuote);
}

std::string value_arguments(Completion kind, const std::vector<std::string>& choices) {
  switch (kind) {
    case Completion::kNothing:
      return " -x";
    case Completion::kChoice:
      return fmt::format(" -x -a '{}'", fmt::join(choices, " "));
    case Completion::kFile:
      return " -x -a '(__fish_complete_path)'";
    case Completion::kFolder:
      return " -x -a '(__fish_complete_directories)'";
    case Completion::kConfiguration:
      return " -x -a '(__mkdt_configurations)'";
    case Completion::kPreset:
      return " -x -a '$__mkdt_presets'";
    case Completion::kCommand:
      return " -x -a '$__mkdt_all'";
    case Completion::kKey:
      return " -x -a '$__mkdt_keys='";
  }
  return "";
}

std::string of_flag(const std::string& condition, const Argument& argument) {
  std::string text = "complete -c mkdt" + condition;
  for (const std::string& flag : argument.flags) {
    text += flag.rfind("--", 0) == 0 ? " -l " + flag.substr(2) : " -s " + flag.substr(1);
  }
  if (!argument.value.empty()) text += value_arguments(completion_of(argument), argument.choices);
  return text + " -d " + word(argument.help) + "\n";
}

std::string of_positional(const std::string& condition, const Argument& argument) {
  const Completion kind = completion_of(argument);
  if (kind == Completion::kNothing) return "";
  return "complete -c mkdt" + condition + value_arguments(kind, argument.choices).substr(3) + "\n";
}

// Finds the words that name the command, among those before the cursor.
std::string function_for_the_command(const Command& program) {
  std::vector<std::string> patterns;
  for (const Command* command : all_commands(program)) {
    if (command->path.empty()) continue;
    const bool nested = command->path != command->name;
    patterns.push_back(word(nested ? command->path : " " + command->name));
  }
  return fmt::format(
      "\nfunction __mkdt_command\n    set -l path\n    set -l words (commandline -opc)\n"
      "    set -e words[1]\n    for word in $words\n        switch \"$path $word\"\n"
      "            case {}\n                set path (string trim -- \"$path $word\")\n"
      "        end\n    end\n    echo \"$path\"\nend\n",
      fmt::join(patterns, " "));
}

std::string of_command(const Command& command) {
  std::string text;
  const std::string condition =
      command.path.empty() ? " -n '__mkdt_at'" : fmt::format(" -n '__mkdt_at {}'", command.path);
  for (const Command& child : command.commands) {
    text += "complete -c mkdt" + condition + " -a " + child.name + " -d " + word(child.help) + "\n";
  }
  for (const Argument& flag : command.flags) {
    text += of_flag(command.path.empty() ? "" : condition, flag);
  }
  for (const Argument& argument : command.positionals) text += of_positional(condition, argument);
  return text;
}

std::string of_options(const Completions& known) {
  std::vector<std::string> configured;
  for (const Command* command : all_commands(known.program)) {
    if (command->configured) configured.push_back(word(command->path));
  }
  std::string text =
      fmt::format("\nfunction __mkdt_configured\n    contains -- (__mkdt_command) {}\nend\n",
                  fmt::join(configured, " "));
  for (const Option& option : known.options) {
    const std::vector<std::string> values = values_of(option);
    const Completion kind = !values.empty()      ? Completion::kChoice
                            : wants_file(option) ? Completion::kFile
                                                 : Completion::kNothing;
    text += fmt::format("complete -c mkdt -n __mkdt_configured -l {}{} -d {}\n", option.key(),
                        value_arguments(kind, values), word(option.help));
  }
  return text;
}

}  // namespace

std::string fish_completion(const Completions& known) {
  std::vector<std::string> all, keys;
  for (const Command& command : known.program.commands) all.push_back(command.name);
  for (const Option& option : known.options) keys.push_back(option.key());
  std::string text = fmt::format(
      "# Completion of mkdt in fish, made by `mkdt completion fish`.\n\nset -g __mkdt_presets {}\n"
      "set -g __mkdt_all {}\nset -g __mkdt_keys {}\n",
      fmt::join(known.presets, " "), fmt::join(all, " "), fmt::join(keys, " "));
  text += function_for_the_command(known.program) + kHelpers;
  for (const Command* command : all_commands(known.program)) text += of_command(*command);
  return text + of_options(known);
}

}  // namespace mkdt::cli
