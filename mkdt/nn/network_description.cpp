#include "mkdt/nn/network_description.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/core/error.h"
#include "mkdt/core/parse_integer.h"

namespace mkdt {

const std::string& NetworkDescription::text(const std::string& key) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    throw Error(fmt::format("the network's description has no '{}'", key));
  }
  return found->second;
}

int64_t NetworkDescription::integer(const std::string& key) const {
  const std::string& value = text(key);
  const std::optional<int64_t> number = parse_integer(value);
  if (number) return *number;
  throw Error(fmt::format("the network's '{}' is '{}', not an integer", key, value));
}

size_t NetworkDescription::choice(const std::string& key,
                                  const std::vector<std::string>& names) const {
  if (entries_.count(key) == 0) return 0;
  const std::string& value = text(key);
  const auto found = std::find(names.begin(), names.end(), value);
  if (found == names.end()) {
    throw Error(fmt::format("the network's '{}' is '{}', not one of {}", key, value,
                            fmt::join(names, ", ")));
  }
  return static_cast<size_t>(found - names.begin());
}

}  // namespace mkdt
