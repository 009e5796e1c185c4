#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/completion.h"

namespace mkdt::cli {
namespace {

constexpr const char* kBashBegin =
    R"bash(# Completion of mkdt in bash, made by `mkdt completion bash`.

_mkdt() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command= flag= i
  local commands= flags= values= kind= configured=
  COMPREPLY=()

  # For bash '=' is a word: --flag=value, --set key=value.
  if [[ $word == = ]]; then
    word= flag=$before
  elif [[ $before == = ]]; then
    flag=${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $before == -* ]]; then
    flag=$before
  fi
)bash";

constexpr const char* kBashEnd = R"bash(
  local prefix= reply=()
  if [[ $word == -* ]]; then
    values=$flags
    if [[ $configured ]]; then
      if [[ $word == *.* ]]; then
        values="--${keys// / --}"
      else
        values+=" --${sections// / --}"
      fi
    fi
    mapfile -t COMPREPLY < <(compgen -W "$values" -- "$word")
    [[ ${COMPREPLY[0]} != *. ]] || compopt -o nospace 2>/dev/null
    return
  fi
  if [[ $kind == choice ]]; then
    [[ $word != *,* ]] || prefix=${word%,*},
    mapfile -t COMPREPLY < <(compgen -P "$prefix" -W "$values" -- "${word##*,}")
    return
  fi
  case $kind in
    nothing) return ;;
    key)
      [[ $word == *.* ]] && values="${keys// /= }=" || values=$sections
      mapfile -t COMPREPLY < <(compgen -W "$values" -- "$word")
      compopt -o nospace 2>/dev/null
      return
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word")
  case $kind in
    configuration)
      mapfile -t reply < <(compgen -W "$presets" -- "$word"; compgen -f -X '!*.toml' -- "$word"; compgen -d -- "$word")
      ;;
    preset) mapfile -t reply < <(compgen -W "$presets" -- "$word") ;;
    command) mapfile -t reply < <(compgen -W "$all" -- "$word") ;;
    folder) mapfile -t reply < <(compgen -d -- "$word") ;;
    file) mapfile -t reply < <(compgen -f -- "$word") ;;
  esac
  [[ $kind != @(configuration|folder|file) ]] || compopt -o filenames 2>/dev/null
  COMPREPLY+=("${reply[@]}")
}
complete -F _mkdt mkdt
)bash";

const char* kind_name(Completion kind) {
  switch (kind) {
    case Completion::kNothing:
      return "nothing";
    case Completion::kChoice:
      return "choice";
    case Completion::kFile:
      return "file";
    case Completion::kFolder:
      return "folder";
    case Completion::kConfiguration:
      return "configuration";
    case Completion::kPreset:
      return "preset";
    case Completion::kCommand:
      return "command";
    case Completion::kKey:
      return "key";
  }
  return "nothing";
}

std::string values_and_kind(const Argument& argument) {
  const Completion kind = completion_of(argument);
  if (kind != Completion::kChoice) return fmt::format("kind={}", kind_name(kind));
  return fmt::format("kind=choice values='{}'", fmt::join(argument.choices, " "));
}

std::vector<std::string> names(const std::vector<Command>& commands) {
  std::vector<std::string> result;
  result.reserve(commands.size());
  for (const Command& command : commands) result.push_back(command.name);
  return result;
}

std::vector<std::string> flag_names(const std::vector<Argument>& flags) {
  std::vector<std::string> result;
  for (const Argument& argument : flags) {
    result.insert(result.end(), argument.flags.begin(), argument.flags.end());
  }
  return result;
}

// Returns the program's flags that have a value, as patterns.
std::string flags_with_value(const Command& program) {
  std::vector<std::string> result;
  for (const Argument& argument : program.flags) {
    if (!argument.value.empty()) {
      result.insert(result.end(), argument.flags.begin(), argument.flags.end());
    }
  }
  return fmt::format("{}", fmt::join(result, " | "));
}

// Finds out which of the words name the command.
std::string find_command(const Command& program) {
  std::vector<std::string> patterns;
  for (const Command* command : all_commands(program)) {
    if (command->path.empty()) continue;
    const std::string parent = command->path.substr(0, command->path.size() - command->name.size());
    patterns.push_back(
        fmt::format("'{} {}'", parent.substr(0, parent.find_last_not_of(' ') + 1), command->name));
  }
  return fmt::format(
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    case ${{COMP_WORDS[i - 1]}} in {}) continue ;; esac\n"
      "    case \"$command ${{COMP_WORDS[i]}}\" in\n"
      "      {}) command=${{command:+$command }}${{COMP_WORDS[i]}} ;;\n"
      "    esac\n"
      "  done\n",
      flags_with_value(program), fmt::join(patterns, " | "));
}

// Lists the words of a command, and the other words that can stand there.
std::string of_commands(const Command& program) {
  std::string text = "  case $command in\n";
  for (const Command* command : all_commands(program)) {
    text += fmt::format("    '{}') commands='{}' flags='{}'", command->path,
                        fmt::join(names(command->commands), " "),
                        fmt::join(flag_names(command->flags), " "));
    if (command->configured) text += " configured=1";
    if (!command->positionals.empty()) {
      text += " " + values_and_kind(command->positionals.front());
    }
    text += " ;;\n";
  }
  return text + fmt::format("  esac\n  flags+=' {}'\n", fmt::join(flag_names(program.flags), " "));
}

std::string of_flags(const Completions& known) {
  std::string text = "  case $command:$flag in\n";
  for (const Command* command : all_commands(known.program)) {
    for (const Argument& argument : command->flags) {
      if (argument.value.empty()) continue;
      std::vector<std::string> patterns;
      for (const std::string& flag : argument.flags) {
        patterns.push_back(
            fmt::format("{}:{}", command->path.empty() ? "*" : "'" + command->path + "'", flag));
      }
      text += fmt::format("    {}) {} ;;\n", fmt::join(patterns, " | "), values_and_kind(argument));
    }
  }
  for (const Option& option : known.options) {
    const std::vector<std::string> values = values_of(option);
    text += fmt::format("    *:{0} | *:--{0}) kind=", option.key());
    text += !values.empty()      ? fmt::format("choice values='{}'", fmt::join(values, " "))
            : wants_file(option) ? "file"
                                 : "nothing";
    text += " ;;\n";
  }
  return text + "  esac\n";
}

}  // namespace

std::string bash_completion(const Completions& known) {
  std::vector<std::string> keys, sections;
  for (const Option& option : known.options) {
    keys.push_back(option.key());
    if (sections.empty() || sections.back() != option.section + ".") {
      sections.push_back(option.section + ".");
    }
  }
  const std::string words = fmt::format(
      "  local presets='{}'\n  local all='{}'\n  local sections='{}'\n  local keys='{}'\n\n",
      fmt::join(known.presets, " "), fmt::join(names(known.program.commands), " "),
      fmt::join(sections, " "), fmt::join(keys, " "));
  return kBashBegin + words + find_command(known.program) + of_commands(known.program) +
         of_flags(known) + kBashEnd;
}

}  // namespace mkdt::cli
