// The commands of the program as plain data, read off the declarations: the manual page and the
// shells' completions are made from it.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace mkdt::cli {

struct Argument {
  std::vector<std::string> flags;    // "-h", "--help"; none where it is told by its place
  std::string value;                 // the name of its value: "DIR"; empty for a switch
  std::vector<std::string> choices;  // of the value; empty: anything
  std::string limits;                // "INT in [1 - 100]", or empty
  std::string default_value;
  std::string help;
  bool required = false;
  bool repeated = false;

  const std::string& name() const { return flags.empty() ? value : flags.back(); }
};

struct Command {
  std::string path;  // "study size"; empty for the program itself
  std::string name;  // "size"
  std::string help;
  std::string footer;
  std::vector<Argument> flags;  // without those that the program has as well
  std::vector<Argument> positionals;
  bool configured = false;  // every option of the configuration is a flag, too
  std::vector<Command> commands;
};

Command command_tree(const CLI::App& app);

// Returns the command and all below it, each before its own.
std::vector<const Command*> all_commands(const Command& root);

// Tells which words can be typed where a value is expected.
enum class Completion {
  kNothing,
  kChoice,
  kFile,
  kFolder,
  kConfiguration,
  kPreset,
  kCommand,
  kKey
};
Completion completion_of(const Argument& argument);

}  // namespace mkdt::cli
