#include "mkdt/core/options.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/option_toml.h"
#include "mkdt/core/overloaded.h"
#include "mkdt/core/printable.h"

namespace mkdt {
namespace {

// A bound as a person would write it.
std::string bound(double value) {
  const bool integral = std::abs(value) < 1e9 && value == std::floor(value);
  return integral ? fmt::format("{}", static_cast<int64_t>(value)) : fmt::format("{}", value);
}

// Levenshtein's distance: insertions, deletions and substitutions of one character.
size_t edit_distance(const std::string& a, std::string_view b) {
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

std::string Option::value() const { return value_in_toml(target); }

void OptionSection::add(const std::string& name, OptionTarget target, double minimum,
                        double maximum, std::vector<std::string> choices, const std::string& help) {
  const std::string default_value = value_in_toml(target);
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
  constexpr size_t kLongest = 100;  // of what is compared
  const Option* nearest = nullptr;
  size_t best = std::numeric_limits<size_t>::max();
  for (const Option& option : options_) {
    if (option.key() == key) return option;
    const size_t distance = edit_distance(option.key(), std::string_view(key).substr(0, kLongest));
    if (distance < best) {
      best = distance;
      nearest = &option;
    }
  }
  if (nearest == nullptr) throw std::logic_error("no options are declared");
  throw Error(fmt::format("{}: unknown key '{}'; the nearest known one is '{}'", origin,
                          printable(key), nearest->key()));
}

void OptionTable::read_toml(const std::string& text, const std::string& origin) {
  const toml::table document = parse_toml(text, origin);
  for (const auto& [section, node] : document) {
    const std::string name(section.str());
    if (!node.is_table()) {  // a key outside any section is unknown, unless its quotes have a dot
      find(name, origin);
      throw Error(fmt::format("{}: '{}' is written without quotes, in its section", origin, name));
    }
    for (const auto& [key, value] : *node.as_table()) {
      const std::string full_key = name + "." + std::string(key.str());
      read_node(value, find(full_key, origin), origin);
    }
  }
}

void OptionTable::assign(const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos) {
    throw Error(fmt::format("--set {}: expected section.key=value", printable(assignment)));
  }
  assign(assignment.substr(0, equals), assignment.substr(equals + 1));
}

void OptionTable::assign(const std::string& key, const std::string& value) {
  const std::string origin = "--set " + printable(key);
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
        const toml::table parsed = parse_toml("value = " + element, origin);
        elements.push_back(*parsed.get("value"));
      }
    }
    document.insert("value", std::move(elements));
  } else {
    document = parse_toml("value = " + value, origin);
  }
  read_node(*document.get("value"), option, origin);
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
