// What the program says of its commands, and of those that it does not have.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace mkdt::cli {

// `mkdt help [COMMAND…]`, the same as COMMAND --help.
void add_help_command(CLI::App& app);

// The end of the program's help: how to begin, with a preset if any are there.
std::string first_steps();

// One line on a command or an option that there is not, with the nearest one; nothing where the
// error is another.
std::optional<std::string> unknown_word(const CLI::App& app, const CLI::ParseError& error);

// Any other fault of the command line, in one line.
std::string parse_fault(const CLI::App& app, const CLI::ParseError& error);

}  // namespace mkdt::cli
