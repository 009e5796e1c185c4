// Options, declared once: the TOML key, the command-line flag, --help and docs/reference/options.md
// all come from the same declaration. Names that are not known are answered with those that are
// near.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mkdt {

// Points to an option's value. Lists are comma-separated on the command line.
using OptionTarget = std::variant<bool*, int64_t*, double*, std::string*, std::vector<double>*,
                                  std::vector<int64_t>*, std::vector<std::string>*>;

struct Option {
  std::string section;  // "distill"
  std::string name;     // "iterations"
  OptionTarget target;
  double minimum;                    // for numbers, also for each in a list; inclusive
  double maximum;                    // inclusive
  std::vector<std::string> choices;  // for texts; empty: any text
  std::string help;                  // one sentence
  std::string default_value;         // in TOML notation

  std::string key() const { return section + "." + name; }
  std::string type() const;   // "integer", "number", "text", "true or false", "list of …"
  std::string range() const;  // "1 to 100", "a, b or c", or empty
  std::string value() const;  // the present value in TOML notation
};

class OptionTable;

// One [section]: each add() ties a key to a member, whose present value becomes the default.
class OptionSection {
 public:
  OptionSection(OptionTable& table, std::string name) : table_(table), name_(std::move(name)) {}

  void add(const std::string& name, bool& value, const std::string& help);
  void add(const std::string& name, int64_t& value, double minimum, double maximum,
           const std::string& help);
  void add(const std::string& name, double& value, double minimum, double maximum,
           const std::string& help);
  void add(const std::string& name, std::string& value, const std::vector<std::string>& choices,
           const std::string& help);
  void add(const std::string& name, std::string& value, const std::string& help);
  void add(const std::string& name, std::vector<double>& value, double minimum, double maximum,
           const std::string& help);
  void add(const std::string& name, std::vector<int64_t>& value, double minimum, double maximum,
           const std::string& help);
  void add(const std::string& name, std::vector<std::string>& value,
           const std::vector<std::string>& choices, const std::string& help);
  void add(const std::string& name, std::vector<std::string>& value, const std::string& help);

 private:
  void add(const std::string& name, OptionTarget target, double minimum, double maximum,
           std::vector<std::string> choices, const std::string& help);

  OptionTable& table_;
  std::string name_;
};

class OptionTable {
 public:
  const std::vector<Option>& options() const { return options_; }
  // Returns the section of that name, to declare options in.
  OptionSection section(const std::string& name) { return {*this, name}; }

  // Reads a TOML file into the targets. Throws Error for a file that cannot be read or parsed, an
  // unknown key (naming the nearest known one), a value of the wrong type or out of range; `origin`
  // names the source in messages.
  void read_toml(const std::string& text, const std::string& origin);
  // Sets one option from "section.key=value", with the value in TOML notation; quotes around texts
  // may be left out.
  void assign(const std::string& assignment);
  // Sets the option `key` in the same notation, as from a command-line flag.
  void assign(const std::string& key, const std::string& value);

  // Writes every option with its present value as TOML, or those of one section where `section` is
  // not empty.
  std::string to_toml(const std::string& section = "") const;

 private:
  friend class OptionSection;
  const Option* known(const std::string& key) const;
  const Option& find(const std::string& key, const std::string& origin) const;
  std::string wanted_at(const std::string& text, size_t number) const;

  std::vector<Option> options_;
};

// Writes the options of one section alone as TOML: the texts are equal where all values are.
template <typename Options>
std::string options_text(const std::string& name, Options options) {
  OptionTable table;
  OptionSection section = table.section(name);
  options.declare(section);
  return table.to_toml();
}

// Counts the insertions, deletions, substitutions and exchanges of two neighbours that make `b` of
// `a`, where no letter is touched twice (optimal string alignment). It takes O(|a|·|b|).
size_t edit_distance(std::string_view a, std::string_view b);

// Returns the name that is nearest to `word`, or that begins with it; an empty text where none is
// near.
std::string nearest_name(const std::string& word, const std::vector<std::string>& names);

// Returns the keys "section.name" that are nearest to `key`, three at most, the nearest first; none
// where none is near. The name counts four times as much as the section, and a key without a
// section is looked for in all of them.
std::vector<std::string> nearest_keys(const std::string& key, const std::vector<std::string>& keys);

}  // namespace mkdt
