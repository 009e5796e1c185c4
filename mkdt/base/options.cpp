#include "mkdt/base/options.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/option_toml.h"
#include "mkdt/base/text.h"

namespace mkdt {
namespace {

// Writes a bound as a person would.
std::string bound(double value) {
  const bool integral = std::abs(value) < 1e9 && value == std::floor(value);
  return integral ? fmt::format("{}", static_cast<int64_t>(value)) : fmt::format("{}", value);
}

std::string without_blanks(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// Returns the line of that number, counted from 1.
std::string line_of(const std::string& text, size_t number) {
  std::istringstream lines(text);
  std::string line;
  for (size_t i = 0; i < number; ++i) {
    if (!std::getline(lines, line)) return "";
  }
  return line;
}

// Returns "section" of the last line [section] before the line of that number.
std::string section_at(const std::string& text, size_t number) {
  std::istringstream lines(text);
  std::string section;
  std::string line;
  for (size_t i = 1; i < number && std::getline(lines, line); ++i) {
    line = without_blanks(line);
    const size_t end = line.find(']');
    if (!line.empty() && line.front() == '[' && end != std::string::npos &&
        line.find('=') == std::string::npos) {
      section = without_blanks(line.substr(1, end - 1));
    }
  }
  return section;
}

// Tells whether a text is a whole value by itself, so that the line has another fault.
bool is_toml_value(const std::string& value) {
  try {
    parse_toml("value = " + value, "");
    return true;
  } catch (const Error&) {
    return false;
  }
}

// Writes the text within double quotes in single ones, which leave backslashes alone; empty if it
// has none.
std::string in_single_quotes(const std::string& value) {
  const size_t end = value.rfind('"');
  if (value.empty() || value.front() != '"' || end == 0 || value.find('\\') > end) return "";
  return "'" + value.substr(1, end - 1) + "'";
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

const Option* OptionTable::known(const std::string& key) const {
  for (const Option& option : options_) {
    if (option.key() == key) return &option;
  }
  return nullptr;
}

const Option& OptionTable::find(const std::string& key, const std::string& origin) const {
  if (const Option* option = known(key)) return *option;
  std::vector<std::string> keys;
  for (const Option& option : options_) keys.push_back(option.key());
  std::string nearest;
  const std::vector<std::string> near = nearest_keys(key, keys);
  for (size_t i = 0; i < near.size(); ++i) {
    nearest += i == 0 ? "" : i + 1 == near.size() ? " and " : ", ";
    nearest += "'" + near[i] + "'";
  }
  const std::string help = near.empty()       ? "`mkdt options` lists the known ones"
                           : near.size() == 1 ? "the nearest known one is " + nearest
                                              : "the nearest known ones are " + nearest;
  throw Error(fmt::format("{}: unknown key '{}'; {}", origin, printable(key), help));
}

// Says how a line that is no TOML should have been; empty if it sets no option.
std::string OptionTable::wanted_at(const std::string& text, size_t number) const {
  constexpr int kMostLines = 100;  // of a list
  std::string line = line_of(text, number);
  for (int i = 0; i < kMostLines && number > 1 && line.find('=') == std::string::npos; ++i) {
    line = line_of(text, --number);
  }
  const size_t equals = line.find('=');
  if (equals == std::string::npos) return "";
  const std::string name = without_blanks(line.substr(0, equals));
  const std::string section = section_at(text, number);
  const Option* option = known(section.empty() ? name : section + "." + name);
  if (option == nullptr) return "";
  const std::string value = without_blanks(line.substr(equals + 1));
  if (is_toml_value(value)) return "";
  if (const std::string single = in_single_quotes(value); is_toml_value(single)) {
    return fmt::format(
        "{}: between double quotes a backslash begins a sign such as \\n; write it {}, between "
        "single ones",
        option->key(), printable(single));
  }
  return fmt::format("{} must be {}, not {}", option->key(), wanted_in_toml(*option),
                     printable(value));
}

void OptionTable::read_toml(const std::string& text, const std::string& origin) {
  const toml::table document =
      parse_toml(text, origin, [&](size_t line) { return wanted_at(text, line); });
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
  const toml::table document = assigned_value(option, value, origin);
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

namespace {

constexpr size_t kLongest = 100;          // characters of a word that are compared
constexpr size_t kMostKeys = 3;           // keys that are named
constexpr double kFarthest = 0.5;         // more than half of the word is another one
constexpr double kSectionWeight = 0.25;   // beside the name's 1
constexpr double kBeginning = 0.2;        // of a name that the word begins
constexpr size_t kShortestBeginning = 3;  // characters
constexpr double kSameDistance = 1e-9;

// Returns 0 for equal texts up to 1 for texts that have nothing in common.
double relative_distance(std::string_view word, std::string_view name) {
  word = word.substr(0, kLongest);
  const size_t longer = std::max({word.size(), name.size(), size_t{1}});
  const double distance =
      static_cast<double>(edit_distance(word, name)) / static_cast<double>(longer);
  const bool begins =
      word.size() >= kShortestBeginning && name.substr(0, word.size()) == word && word != name;
  return begins ? std::min(distance, kBeginning) : distance;
}

struct KeyParts {
  std::string_view section, name;
};

KeyParts parts_of(std::string_view key) {
  const size_t dot = key.find('.');
  if (dot == std::string_view::npos) return {{}, key};
  return {key.substr(0, dot), key.substr(dot + 1)};
}

double key_distance(const std::string& key, const std::string& known) {
  const KeyParts wanted = parts_of(key), there = parts_of(known);
  const double of_names = relative_distance(wanted.name, there.name);
  if (wanted.section.empty()) return of_names;
  return of_names + kSectionWeight * relative_distance(wanted.section, there.section);
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, last);
    std::swap(last, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substituted});
      const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (exchanged) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string nearest_name(const std::string& word, const std::vector<std::string>& names) {
  std::string nearest;
  double best = kFarthest;
  for (const std::string& name : names) {
    const double distance = relative_distance(word, name);
    if (distance >= best) continue;
    best = distance;
    nearest = name;
  }
  return nearest;
}

std::vector<std::string> nearest_keys(const std::string& key,
                                      const std::vector<std::string>& keys) {
  std::vector<std::string> nearest;
  double best = kFarthest + kSectionWeight;
  for (const std::string& known : keys) {
    const double distance = key_distance(key, known);
    if (distance > best + kSameDistance) continue;
    if (distance < best - kSameDistance) nearest.clear();
    best = std::min(best, distance);
    if (nearest.size() < kMostKeys) nearest.push_back(known);
  }
  return nearest;
}

}  // namespace mkdt
