// Options as TOML: their values as text, and TOML nodes as their values. The header is internal to
// this room and not installed, since it includes a third party's.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <toml++/toml.h>

#include "mkdt/base/options.h"

namespace mkdt {

// Makes one visitor of a std::variant of several lambdas.
template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

inline constexpr double kUnbounded = std::numeric_limits<double>::infinity();

// Writes the present value in TOML notation.
std::string value_in_toml(const OptionTarget& target);

// Lists the choices for a sentence: "a, b or c".
std::string one_of(const std::vector<std::string>& choices);

// Sets the option from a node. Throws Error, and sets nothing, for a wrong type or a value out of
// range; `origin` names the source in messages.
void read_node(const toml::node& node, const Option& option, const std::string& origin);

// Says which values the option takes, as a file has them: "a text, in quotes on both sides, as in
// …".
std::string wanted_in_toml(const Option& option);

// Returns a table whose "value" is the option's as it was typed on a command line: quotes around
// texts and brackets around lists may be left out. Throws Error that says which values the option
// takes.
toml::table assigned_value(const Option& option, const std::string& value,
                           const std::string& origin);

// Parses a text of TOML. Throws Error with the line for a text that is not TOML; also for one of
// more than 1 MiB or 4096 dots, or with lists that are 256 deep. `explain` may say in the parser's
// place how a line should have been; an empty answer leaves it to the parser.
toml::table parse_toml(const std::string& text, const std::string& origin,
                       const std::function<std::string(size_t line)>& explain = {});

}  // namespace mkdt
