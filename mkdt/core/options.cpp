#include "mkdt/core/options.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <type_traits>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "mkdt/core/error.h"

namespace mkdt {
namespace {

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

std::string quoted(const std::string& text) {
  std::ostringstream stream;
  stream << toml::value<std::string>(text);
  return stream.str();
}

std::string number(double value) {
  const std::string text = fmt::format("{}", value);
  const bool looks_integral = text.find_first_of(".einf") == std::string::npos;
  return looks_integral ? text + ".0" : text;
}

// A bound as a person would write it.
std::string bound(double value) {
  const bool integral = std::abs(value) < 1e9 && value == std::floor(value);
  return integral ? fmt::format("{}", static_cast<int64_t>(value)) : fmt::format("{}", value);
}

template <class T, class Format>
std::string list_of(const std::vector<T>& values, const Format& format) {
  std::string text = "[";
  for (const T& value : values) text += (text.size() > 1 ? ", " : "") + format(value);
  return text + "]";
}

std::string in_toml(const OptionTarget& target) {
  const auto integer = [](int64_t value) { return std::to_string(value); };
  return std::visit(
      Overloaded{[](const bool* value) { return std::string(*value ? "true" : "false"); },
                 [&](const int64_t* value) { return integer(*value); },
                 [](const double* value) { return number(*value); },
                 [](const std::string* value) { return quoted(*value); },
                 [](const std::vector<double>* values) { return list_of(*values, number); },
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
    throw Error(
        fmt::format("{}: {} must be {}, not {}", origin_, option_.key(), what, found.str()));
  }

  void read(const toml::node& node, bool& value) const {
    if (!node.is_boolean()) expected("true or false", node);
    value = node.as_boolean()->get();
  }
  void read(const toml::node& node, int64_t& value) const {
    if (!node.is_integer()) expected("an integer", node);
    const int64_t found = node.as_integer()->get();
    check_range(static_cast<double>(found), node);
    value = found;
  }
  void read(const toml::node& node, double& value) const {
    if (!node.is_number()) expected("a number", node);
    const double found = *node.value<double>();
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
    value = found;
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

// Levenshtein's distance: insertions, deletions and substitutions of one character.
size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

toml::table parse(const std::string& text, const std::string& origin) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw Error(fmt::format("{}: line {}: {}", origin, error.source().begin.line,
                            std::string(error.description())));
  }
}

}  // namespace

std::string Option::type() const {
  return std::visit(
      Overloaded{[](const bool*) { return "true or false"; },
                 [](const int64_t*) { return "integer"; }, [](const double*) { return "number"; },
                 [](const std::string*) { return "text"; },
                 [](const std::vector<double>*) { return "list of numbers"; },
                 [](const std::vector<int64_t>*) { return "list of integers"; },
                 [](const std::vector<std::string>*) { return "list of texts"; }},
      target);
}

std::string Option::range() const {
  if (!choices.empty()) return one_of(choices);
  if (minimum == -kUnbounded && maximum == kUnbounded) return "";
  if (maximum == kUnbounded) return "at least " + bound(minimum);
  return bound(minimum) + " to " + bound(maximum);
}

std::string Option::value() const { return in_toml(target); }

void OptionSection::add(const std::string& name, OptionTarget target, double minimum,
                        double maximum, std::vector<std::string> choices, const std::string& help) {
  const std::string default_value = in_toml(target);
  table_.options_.push_back(
      {name_, name, target, minimum, maximum, std::move(choices), help, default_value});
}

void OptionSection::add(const std::string& name, bool& value, const std::string& help) {
  add(name, &value, -kUnbounded, kUnbounded, {}, help);
}
void OptionSection::add(const std::string& name, int64_t& value, double minimum, double maximum,
                        const std::string& help) {
  add(name, &value, minimum, maximum, {}, help);
}
void OptionSection::add(const std::string& name, double& value, double minimum, double maximum,
                        const std::string& help) {
  add(name, &value, minimum, maximum, {}, help);
}
void OptionSection::add(const std::string& name, std::string& value,
                        const std::vector<std::string>& choices, const std::string& help) {
  add(name, &value, -kUnbounded, kUnbounded, choices, help);
}
void OptionSection::add(const std::string& name, std::string& value, const std::string& help) {
  add(name, &value, -kUnbounded, kUnbounded, {}, help);
}
void OptionSection::add(const std::string& name, std::vector<double>& value, double minimum,
                        double maximum, const std::string& help) {
  add(name, &value, minimum, maximum, {}, help);
}
void OptionSection::add(const std::string& name, std::vector<int64_t>& value, double minimum,
                        double maximum, const std::string& help) {
  add(name, &value, minimum, maximum, {}, help);
}
void OptionSection::add(const std::string& name, std::vector<std::string>& value,
                        const std::vector<std::string>& choices, const std::string& help) {
  add(name, &value, -kUnbounded, kUnbounded, choices, help);
}
void OptionSection::add(const std::string& name, std::vector<std::string>& value,
                        const std::string& help) {
  add(name, &value, -kUnbounded, kUnbounded, {}, help);
}

const Option& OptionTable::find(const std::string& key, const std::string& origin) const {
  const Option* nearest = nullptr;
  size_t best = std::numeric_limits<size_t>::max();
  for (const Option& option : options_) {
    if (option.key() == key) return option;
    const size_t distance = edit_distance(option.key(), key);
    if (distance < best) {
      best = distance;
      nearest = &option;
    }
  }
  if (nearest == nullptr) throw std::logic_error("no options are declared");
  throw Error(fmt::format("{}: unknown key '{}'; the nearest known one is '{}'", origin, key,
                          nearest->key()));
}

void OptionTable::read_toml(const std::string& text, const std::string& origin) {
  const toml::table document = parse(text, origin);
  for (const auto& [section, node] : document) {
    const std::string name(section.str());
    if (!node.is_table()) find(name, origin);  // a key outside any section is unknown
    for (const auto& [key, value] : *node.as_table()) {
      const std::string full_key = name + "." + std::string(key.str());
      NodeReader(find(full_key, origin), origin).read(value);
    }
  }
}

void OptionTable::assign(const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos) {
    throw Error(fmt::format("--set {}: expected section.key=value", assignment));
  }
  assign(assignment.substr(0, equals), assignment.substr(equals + 1));
}

void OptionTable::assign(const std::string& key, const std::string& value) {
  const std::string origin = "--set " + key;
  const Option& option = find(key, origin);
  const bool text = std::holds_alternative<std::string*>(option.target);
  const bool list = option.type().rfind("list", 0) == 0;
  const bool is_quoted = !value.empty() && (value.front() == '"' || value.front() == '\'');

  toml::table document;
  if (text && !is_quoted) {
    document.insert("value", value);
  } else if (list && (value.empty() || value.front() != '[')) {
    toml::array elements;
    std::istringstream stream(value);
    for (std::string element; std::getline(stream, element, ',');) {
      if (option.type() == "list of texts") {
        elements.push_back(element);
      } else {
        const toml::table parsed = parse("value = " + element, origin);
        elements.push_back(*parsed.get("value"));
      }
    }
    document.insert("value", std::move(elements));
  } else {
    document = parse("value = " + value, origin);
  }
  NodeReader(option, origin).read(*document.get("value"));
}

std::string OptionTable::to_toml(const std::string& section) const {
  std::string text;
  std::string present;
  for (const Option& option : options_) {
    if (!section.empty() && option.section != section) continue;
    if (option.section != present) {
      text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", option.section);
      present = option.section;
    }
    text += fmt::format("{} = {}\n", option.name, option.value());
  }
  return text;
}

}  // namespace mkdt
