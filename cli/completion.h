// Writes the scripts that complete words in the shells where Tab is pressed.
#pragma once

#include <string>
#include <vector>

#include "cli/command_tree.h"
#include "mkdt/base/options.h"

namespace mkdt::cli {

// All scripts are made from these.
struct Completions {
  Command program;
  std::vector<Option> options;       // of a configuration
  std::vector<std::string> presets;  // their names
};

std::string bash_completion(const Completions& known);
std::string zsh_completion(const Completions& known);
std::string fish_completion(const Completions& known);

// Returns a key's possible values where it has choices; nothing where it is a number or a text.
// `wants_file` tells whether the value is a path.
std::vector<std::string> values_of(const Option& option);
bool wants_file(const Option& option);

// Returns 'text', with its quotes replaced by `quote`.
std::string quoted(const std::string& text, const char* quote);

}  // namespace mkdt::cli
