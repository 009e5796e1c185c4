// Prints help on the program's commands, and answers words that it does not know.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace mkdt::cli {

// Adds `mkdt help [COMMAND…]`, which is the same as COMMAND --help.
void add_help_command(CLI::App& app);

// Returns the end of the program's help: how to begin, with a preset if any are there.
std::string first_steps();

// Returns one line on a command or an option that does not exist, with the nearest one; nothing
// where the error is another.
std::optional<std::string> unknown_word(const CLI::App& app, const CLI::ParseError& error);

// Returns one line on any other fault of the command line.
std::string parse_fault(const CLI::App& app, const CLI::ParseError& error);

}  // namespace mkdt::cli
