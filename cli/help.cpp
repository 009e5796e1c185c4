#include "cli/help.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/presets.h"
#include "mkdt/base/error.h"
#include "mkdt/base/options.h"
#include "mkdt/base/text.h"

namespace mkdt::cli {
namespace {

constexpr size_t kLongestWord = 100;  // bytes of a word that is shown

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_name().empty(); });
}

const CLI::App* command_named(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : commands_of(app)) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

std::string no_command(const CLI::App& app, const std::string& name, const std::string& parents) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands_of(app)) names.push_back(command->get_name());
  const std::string nearest = nearest_name(name, names);
  return fmt::format(
      "there is no command '{}'; {}`mkdt help{}` lists all", printable(name, kLongestWord),
      nearest.empty() ? "" : fmt::format("the nearest is '{}', and ", nearest), parents);
}

// Searches the flags of the program or of one command; those of the configuration, which have a
// dot, apart.
std::string nearest_flag(const CLI::App& app, const std::string& word) {
  std::vector<std::string> flags, keys;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      name.find('.') == std::string::npos ? flags.push_back("--" + name) : keys.push_back(name);
    }
  }
  std::string flag = nearest_name(word, flags);
  if (!flag.empty() || word.rfind("--", 0) != 0) return flag;
  const std::vector<std::string> near = nearest_keys(word.substr(2), keys);
  return near.empty() ? "" : "--" + near.front();
}

std::string no_flag(const CLI::App& app, const std::string& word, const std::string& command) {
  const std::string flag = word.substr(0, word.find('='));
  const std::string nearest = nearest_flag(app, flag);
  return fmt::format("there is no option '{}'; {}`mkdt help{}` lists {}",
                     printable(flag, kLongestWord),
                     nearest.empty() ? "" : fmt::format("the nearest is '{}', and ", nearest),
                     command, command.empty() ? "all" : "those of the command");
}

void print_help(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* command = &app;
  std::string name;
  for (const std::string& word : words) {
    const CLI::App* next = command_named(*command, word);
    if (next == nullptr) throw Error(no_command(*command, word, name));
    command = next;
    name += " " + word;
  }
  fmt::print("{}", command->get_formatter()->make_help(command, "mkdt" + name,
                                                       CLI::AppFormatMode::Normal));
}

}  // namespace

void add_help_command(CLI::App& app) {
  const auto words = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand("help", "Explain a command, or list them all.");
  command->add_option("COMMAND", *words, "Its name; of a study, `study` and its name");
  command->callback([&app, words] { print_help(app, *words); });
}

std::string first_steps() {
  if (!presets_folder()) {
    return "Start with: mkdt run CONFIG, a TOML file of options\nWhat it will take: mkdt plan "
           "CONFIG\nEvery option: mkdt options";
  }
  return "Start with: mkdt run demo\nWhat it will take: mkdt plan demo\nOther presets: mkdt "
         "presets\n"
         "Every option: mkdt options";
}

std::optional<std::string> unknown_word(const CLI::App& app, const CLI::ParseError& error) {
  const bool about_words = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
                           dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  if (!about_words) return std::nullopt;
  const CLI::App* command = &app;
  std::string name;
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    name += " " + command->get_name();
  }
  const std::vector<std::string> words = app.remaining(/*recurse=*/true);
  const auto flag = std::find_if(words.begin(), words.end(), [](const std::string& word) {
    return word.size() > 1 && word.front() == '-' && word != "--";
  });
  const bool wants_command = !commands_of(*command).empty();
  if (wants_command && !words.empty() && words.front().rfind('-', 0) != 0) {
    return no_command(*command, words.front(), name);
  }
  if (flag != words.end()) return no_flag(*command, *flag, name);
  if (wants_command) return fmt::format("a command is missing; `mkdt help{}` lists all", name);
  return std::nullopt;
}

std::string parse_fault(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = &app;
  std::string name;
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    name += " " + command->get_name();
  }
  std::string what = printable(error.what(), 1000);
  // Flags of the configuration are hidden, and CLI11 names no hidden ones.
  if (what.rfind(": ", 0) == 0) what = "an option with a dot in its name" + what;
  return fmt::format("{}; `mkdt help{}` explains", what, name);
}

}  // namespace mkdt::cli
