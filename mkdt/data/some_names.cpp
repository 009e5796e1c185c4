#include "mkdt/data/some_names.h"

#include <algorithm>

#include <fmt/format.h>

namespace mkdt {

std::string some_of(const std::vector<std::string>& texts, size_t most,
                    const std::string& separator) {
  std::string text;
  for (size_t i = 0; i < std::min(texts.size(), most); ++i) {
    text += (i == 0 ? "" : separator) + texts[i];
  }
  if (texts.size() > most) text += fmt::format(" and {} more", texts.size() - most);
  return text;
}

std::string some_names(const std::vector<std::string>& names, size_t most) {
  std::vector<std::string> quoted;
  quoted.reserve(names.size());
  for (const std::string& name : names) quoted.push_back("'" + name + "'");
  return some_of(quoted, most);
}

}  // namespace mkdt
