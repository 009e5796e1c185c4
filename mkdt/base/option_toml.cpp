#include "mkdt/base/option_toml.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/text.h"

namespace mkdt {
namespace {

constexpr size_t kMaxToml = 1 << 20;  // bytes
constexpr int64_t kMaxDots = 4096;

// Writes a text in TOML's quotes. Paths among the options may hold any bytes.
std::string quoted(const std::string& text) {
  std::ostringstream stream;
  stream << toml::value<std::string>(escaped_bytes(text));
  return stream.str();
}

std::string number_in_toml(double value) {
  const std::string text = fmt::format("{}", value);
  const bool looks_integral = text.find_first_of(".einf") == std::string::npos;
  return looks_integral ? text + ".0" : text;
}

template <class T, class Format>
std::string list_of(const std::vector<T>& values, const Format& format) {
  std::string text = "[";
  for (const T& value : values) text += (text.size() > 1 ? ", " : "") + format(value);
  return text + "]";
}

bool takes_text(const Option& option) {
  return std::holds_alternative<std::string*>(option.target) ||
         std::holds_alternative<std::vector<std::string>*>(option.target);
}

bool takes_list(const Option& option) { return option.type().rfind("list", 0) == 0; }

// Says which values the option takes: "a whole number, 1 to 100", "a list of texts".
std::string kind_of(const Option& option) {
  std::string kind =
      std::visit(Overloaded{[](const bool*) { return "true or false"; },
                            [](const int64_t*) { return "a whole number"; },
                            [](const double*) { return "a number"; },
                            [](const std::string*) { return "a text"; },
                            [](const std::vector<double>*) { return "a list of numbers"; },
                            [](const std::vector<int64_t>*) { return "a list of whole numbers"; },
                            [](const std::vector<std::string>*) { return "a list of texts"; }},
                 option.target);
  const std::string range = option.range();
  if (range.empty()) return kind;
  return kind + (option.choices.empty() ? ", " : ": ") + range;
}

// Splits a list of the command line at its commas.
toml::array texts_between_commas(const std::string& list) {
  toml::array texts;
  std::istringstream stream(list);
  for (std::string text; std::getline(stream, text, ',');) texts.push_back(text);
  return texts;
}

// Reads one TOML node into the type that an option has, or says what was expected.
class NodeReader {
 public:
  NodeReader(const Option& option, std::string origin)
      : option_(option), origin_(std::move(origin)) {}

  void read(const toml::node& node) const {
    std::visit([&](auto* target) { read(node, *target); }, option_.target);
  }

 private:
  [[noreturn]] void expected(const std::string& what, const toml::node& node) const {
    std::ostringstream found;
    node.visit([&](const auto& value) { found << value; });
    const bool quoted_number = node.is_string() && !takes_text(option_);
    throw Error(fmt::format("{}: {} must be {}{}, not {}", origin_, option_.key(), what,
                            quoted_number ? " without quotes" : "", printable(found.str())));
  }

  void read(const toml::node& node, bool& value) const {
    if (!node.is_boolean()) expected("true or false", node);
    value = node.as_boolean()->get();
  }
  void read(const toml::node& node, int64_t& value) const {
    if (!node.is_integer()) expected("a whole number", node);
    const int64_t found = node.as_integer()->get();
    check_range(static_cast<double>(found), node);
    value = found;
  }
  void read(const toml::node& node, double& value) const {
    if (!node.is_number()) expected("a number", node);
    // Not node.value<double>(): it has none for an integer that a double would round.
    const double found = node.is_integer() ? static_cast<double>(node.as_integer()->get())
                                           : node.as_floating_point()->get();
    check_range(found, node);
    value = found;
  }
  void read(const toml::node& node, std::string& value) const {
    if (!node.is_string()) expected("a text in quotes", node);
    const std::string& found = node.as_string()->get();
    const auto& choices = option_.choices;
    if (!choices.empty() && std::find(choices.begin(), choices.end(), found) == choices.end()) {
      expected(one_of(choices), node);
    }
    value = bytes_of(found);
  }
  template <class T>
  void read(const toml::node& node, std::vector<T>& values) const {
    if (!node.is_array()) expected("a list in square brackets", node);
    std::vector<T> result;
    for (const toml::node& element : *node.as_array()) {
      T value{};
      read(element, value);
      result.push_back(std::move(value));
    }
    values = std::move(result);
  }

  void check_range(double value, const toml::node& node) const {
    if (std::isfinite(value) && value >= option_.minimum && value <= option_.maximum) return;
    expected(option_.range().empty() ? "a finite number" : option_.range(), node);
  }

  const Option& option_;
  std::string origin_;
};

}  // namespace

std::string value_in_toml(const OptionTarget& target) {
  const auto integer = [](int64_t value) { return std::to_string(value); };
  return std::visit(
      Overloaded{[](const bool* value) { return std::string(*value ? "true" : "false"); },
                 [&](const int64_t* value) { return integer(*value); },
                 [](const double* value) { return number_in_toml(*value); },
                 [](const std::string* value) { return quoted(*value); },
                 [](const std::vector<double>* values) { return list_of(*values, number_in_toml); },
                 [&](const std::vector<int64_t>* values) { return list_of(*values, integer); },
                 [](const std::vector<std::string>* values) { return list_of(*values, quoted); }},
      target);
}

std::string one_of(const std::vector<std::string>& choices) {
  std::string text;
  for (size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) text += i + 1 == choices.size() ? " or " : ", ";
    text += choices[i];
  }
  return text;
}

void read_node(const toml::node& node, const Option& option, const std::string& origin) {
  NodeReader(option, origin).read(node);
}

std::string wanted_in_toml(const Option& option) {
  std::string kind = kind_of(option);
  if (!takes_list(option)) {
    if (!takes_text(option)) return kind;
    return fmt::format("{}, in quotes on both sides, as in {} = {}", kind, option.name,
                       option.choices.empty() ? "\"a text\"" : quoted(option.choices.front()));
  }
  const bool texts = takes_text(option);
  return fmt::format("{}, in square brackets{}, as in {} = {}", kind,
                     texts ? ", each in quotes" : "", option.name,
                     option.default_value != "[]" ? option.default_value
                     : texts                      ? "[\"one\", \"two\"]"
                                                  : "[1, 2]");
}

toml::table assigned_value(const Option& option, const std::string& value,
                           const std::string& origin) {
  const bool text = std::holds_alternative<std::string*>(option.target);
  const bool in_quotes = !value.empty() && (value.front() == '"' || value.front() == '\'');
  const bool bare_list = takes_list(option) && (value.empty() || value.front() != '[');
  try {
    if (text && !in_quotes) return toml::table{{"value", value}};
    if (bare_list && takes_text(option)) return toml::table{{"value", texts_between_commas(value)}};
    return parse_toml("value = " + (bare_list ? "[" + value + "]" : value), origin);
  } catch (const Error&) {
    const char* how = text                 ? "; its quotes stand on both sides, or on none"
                      : takes_list(option) ? "; a list is written 1,2 or [1, 2], texts as a,b or "
                                             "'[\"a\", \"b\"]'"
                                           : "";
    throw Error(fmt::format("{}: {} must be {}, not {}{}", origin, option.key(), kind_of(option),
                            value.empty() ? "nothing" : "'" + printable(value) + "'", how));
  }
}

toml::table parse_toml(const std::string& text, const std::string& origin,
                       const std::function<std::string(size_t line)>& explain) {
  if (text.size() > kMaxToml) {
    throw Error(fmt::format("{}: {} bytes are too many for options, expected at most {}", origin,
                            text.size(), kMaxToml));
  }
  // toml++ destroys nested tables recursively. Up to 3.4 it bounds how deep lists and tables in
  // braces nest, but not how many parts a key has: one of a hundred thousand would take the stack.
  // Every part takes a dot.
  const auto dots = std::count(text.begin(), text.end(), '.');
  if (dots > kMaxDots) {
    throw Error(fmt::format("{}: {} dots are too many for options, expected at most {}", origin,
                            dots, kMaxDots));
  }
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    const auto line = error.source().begin.line;
    const std::string explained = explain ? explain(line) : "";
    throw Error(fmt::format("{}: line {}: {}", origin, line,
                            explained.empty() ? printable(error.description()) : explained));
  }
}

}  // namespace mkdt
