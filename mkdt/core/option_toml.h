// Options as TOML: their values as text, and TOML nodes as their values.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include <toml++/toml.h>

#include "mkdt/core/options.h"

namespace mkdt {

// Internal to core: includes a third party's header.

inline constexpr double kUnbounded = std::numeric_limits<double>::infinity();

// The present value in TOML notation.
std::string value_in_toml(const OptionTarget& target);

// "a, b or c".
std::string one_of(const std::vector<std::string>& choices);

// Sets the option from a node; Error, and nothing set, for a wrong type or a value out of range.
// `origin` names the source in messages.
void read_node(const toml::node& node, const Option& option, const std::string& origin);

// Error with the line for text that is not TOML; also for one of more than 1 MiB, with a key of
// more than kDeepestTomlKey parts, or with lists that are 256 deep.
toml::table parse_toml(const std::string& text, const std::string& origin);

}  // namespace mkdt
