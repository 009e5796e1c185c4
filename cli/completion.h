// What the shells ask for where Tab is pressed: a script for each of them.
#pragma once

#include <string>
#include <vector>

#include "cli/command_tree.h"
#include "mkdt/base/options.h"

namespace mkdt::cli {

// What all scripts are made from.
struct Completions {
  Command program;
  std::vector<Option> options;       // of a configuration
  std::vector<std::string> presets;  // their names
};

std::string bash_completion(const Completions& known);
std::string zsh_completion(const Completions& known);
std::string fish_completion(const Completions& known);

// What a key's value can be: its choices; nothing where it is a number or a text, and
// `wants_file` says which.
std::vector<std::string> values_of(const Option& option);
bool wants_file(const Option& option);

// 'text', whose quotes are replaced by `quote`.
std::string quoted(const std::string& text, const char* quote);

}  // namespace mkdt::cli
