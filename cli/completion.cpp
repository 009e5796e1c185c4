#include "cli/completion.h"

#include <variant>

namespace mkdt::cli {

std::vector<std::string> values_of(const Option& option) {
  if (std::holds_alternative<bool*>(option.target)) return {"true", "false"};
  return option.choices;
}

bool wants_file(const Option& option) {
  return option.choices.empty() &&
         (std::holds_alternative<std::string*>(option.target) ||
          std::holds_alternative<std::vector<std::string>*>(option.target));
}

std::string quoted(const std::string& text, const char* quote) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string(quote) : std::string(1, c);
  return result + "'";
}

}  // namespace mkdt::cli
