#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/completion.h"

namespace mkdt::cli {
namespace {

constexpr const char* kZshQuote = "'\\''";

// clang-format off: version 14 takes the shell's braces for those of C++
constexpr const char* kZshHelpers = R"zsh(
_mkdt_configuration() {
  _alternative "presets:preset:($_mkdt_presets)" 'files:TOML file:_files -g "*.toml"' 'folders:run folder:_files -/'
}

_mkdt_key() {
  if compset -P '*='; then
    _files
  else
    local -a keys=(${_mkdt_keys%%=*})
    compadd -S = -- ${keys#--}
  fi
}
)zsh";
// clang-format on

constexpr const char* kZshEnd = R"zsh(
if [[ $funcstack[1] == _mkdt ]]; then
  _mkdt "$@"
else
  compdef _mkdt mkdt
fi
)zsh";

// Escapes a text within a specification of _arguments.
std::string zsh_escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string action(const Argument& argument) {
  switch (completion_of(argument)) {
    case Completion::kNothing:
      return " ";
    case Completion::kChoice:
      return fmt::format("({})", fmt::join(argument.choices, " "));
    case Completion::kFile:
      return "_files";
    case Completion::kFolder:
      return "_files -/";
    case Completion::kConfiguration:
      return "_mkdt_configuration";
    case Completion::kPreset:
      return "($_mkdt_presets)";
    case Completion::kCommand:
      return "($_mkdt_all)";
    case Completion::kKey:
      return "_mkdt_key";
  }
  return " ";
}

// Returns one specification a flag.
std::string specifications(const Argument& argument) {
  std::vector<std::string> lines;
  for (const std::string& flag : argument.flags) {
    std::string text = argument.repeated ? "*" : "";
    if (argument.flags.size() > 1) text = fmt::format("({})", fmt::join(argument.flags, " "));
    text += flag;
    if (!argument.value.empty() && flag.rfind("--", 0) == 0) text += "=";
    text += "[" + zsh_escaped(argument.help) + "]";
    if (!argument.value.empty()) text += ":" + zsh_escaped(argument.value) + ":" + action(argument);
    lines.push_back(quoted(text, kZshQuote));
  }
  return fmt::format("{}", fmt::join(lines, " "));
}

std::string specification(const Option& option) {
  const std::vector<std::string> values = values_of(option);
  const std::string what = !values.empty()      ? fmt::format("({})", fmt::join(values, " "))
                           : wants_file(option) ? "_files"
                                                : " ";
  return quoted(
      fmt::format("--{}=[{}]:{}:{}", option.key(), zsh_escaped(option.help), option.type(), what),
      kZshQuote);
}

std::string function_name(const Command& command) {
  std::string name = command.path.empty() ? "_mkdt" : "_mkdt_" + command.path;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ' ' || c == '-'; }, '_');
  return name;
}

// Completes the choices of variables by the values of these.
std::string positional(const std::string& place, const Argument& argument) {
  const Completion kind = completion_of(argument);
  const bool of_variable = kind == Completion::kPreset || kind == Completion::kCommand;
  const std::string text = place + ":" + zsh_escaped(argument.value) + ":" + action(argument);
  return of_variable ? "\"" + text + "\"" : quoted(text, kZshQuote);
}

std::string arguments(const Command& command) {
  std::string text = "  _arguments -S $_mkdt_common";
  if (command.path.empty()) text = "  _arguments -C -S $_mkdt_common";
  if (command.configured) text += " $_mkdt_keys";
  for (const Argument& flag : command.flags) {
    if (!command.path.empty()) text += " \\\n    " + specifications(flag);
  }
  for (size_t i = 0; i < command.positionals.size(); ++i) {
    const Argument& argument = command.positionals[i];
    text += " \\\n    " + positional(argument.repeated ? "*" : std::to_string(i + 1), argument);
  }
  return text;
}

std::string function(const Command& command) {
  std::string text = fmt::format("\n{}() {{\n", function_name(command));
  if (command.commands.empty()) return text + arguments(command) + "\n}\n";
  text += "  local curcontext=$curcontext state line\n" + arguments(command) +
          " \\\n    '1:command:->command' '*::argument:->rest' && return\n  case $state in\n"
          "    command)\n      local -a commands=(\n";
  for (const Command& child : command.commands) {
    text += fmt::format("        {}\n", quoted(child.name + ":" + child.help, kZshQuote));
  }
  text +=
      "      )\n      _describe command commands\n      ;;\n    rest)\n      case $line[1] in\n";
  for (const Command& child : command.commands) {
    text += fmt::format("        {}) {} ;;\n", child.name, function_name(child));
  }
  return text + "      esac\n      ;;\n  esac\n}\n";
}

}  // namespace

std::string zsh_completion(const Completions& known) {
  std::vector<std::string> all;
  for (const Command& command : known.program.commands) all.push_back(command.name);
  std::string text = fmt::format(
      "#compdef mkdt\n# Completion of mkdt in zsh, made by `mkdt completion zsh`.\n\n"
      "typeset -g _mkdt_presets='{}'\ntypeset -g _mkdt_all='{}'\n\ntypeset -ga _mkdt_common=(\n",
      fmt::join(known.presets, " "), fmt::join(all, " "));
  for (const Argument& flag : known.program.flags) text += "  " + specifications(flag) + "\n";
  text += ")\n\ntypeset -ga _mkdt_keys=(\n";
  for (const Option& option : known.options) text += "  " + specification(option) + "\n";
  text += ")\n";
  text += kZshHelpers;
  for (const Command* command : all_commands(known.program)) text += function(*command);
  return text + kZshEnd;
}

}  // namespace mkdt::cli
