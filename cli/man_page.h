// Writes the manual page of the program in troff's notation.
#pragma once

#include <string>
#include <vector>

#include "cli/command_tree.h"
#include "mkdt/base/options.h"

namespace mkdt::cli {

// `options` are those of a configuration.
std::string man_page(const Command& program, const std::vector<Option>& options);

}  // namespace mkdt::cli
