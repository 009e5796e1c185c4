// The commands, flags and options that the program says it has, read off its help.
#pragma once

#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace mkdt::testing {

struct ListedCommand {
  std::string path;  // "study size"
  std::vector<std::string> flags;
};

// First words of the lines of `help` below "Subcommands:", up to the next empty line.
inline std::vector<std::string> subcommands_in(const std::string& help) {
  std::vector<std::string> words;
  std::istringstream lines(help);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    std::smatch word;
    if (inside && std::regex_search(line, word, std::regex("^  ([a-z][a-z0-9-]*) "))) {
      words.push_back(word[1]);
    }
    inside = std::regex_match(line, std::regex("subcommands:", std::regex::icase)) ||
             (inside && !line.empty());
  }
  return words;
}

inline std::vector<std::string> flags_in(const std::string& help) {
  std::vector<std::string> flags;
  const std::regex flag("\n {2,12}(?:-[a-z], *)?(--[a-z0-9-]+)");
  for (std::sregex_iterator it(help.begin(), help.end(), flag), end; it != end; ++it) {
    flags.push_back((*it)[1]);
  }
  return flags;
}

inline void list_commands(const std::string& path, std::vector<ListedCommand>& found) {
  const ProgramResult result = run_program("help " + path);
  if (result.status != 0) throw std::runtime_error("help " + path + ": " + result.err);
  const std::string& help = result.out;
  found.push_back({path, flags_in(help)});
  for (const std::string& name : subcommands_in(help)) {
    list_commands(path.empty() ? name : path + " " + name, found);
  }
}

// The program itself first, by an empty path. Asked once: every command is a start of the program.
inline const std::vector<ListedCommand>& listed_commands() {
  static const std::vector<ListedCommand> all = [] {
    std::vector<ListedCommand> found;
    list_commands("", found);
    return found;
  }();
  return all;
}

// The keys "section.name" of a configuration.
inline std::vector<std::string> listed_options() {
  std::vector<std::string> keys;
  std::istringstream lines(run_program("options").out);
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    std::smatch part;
    if (std::regex_match(line, part, std::regex("\\[(.*)\\]"))) section = part[1];
    if (std::regex_search(line, part, std::regex("^  ([a-z0-9_]+) = "))) {
      keys.push_back(section + "." + part[1].str());
    }
  }
  return keys;
}

}  // namespace mkdt::testing
