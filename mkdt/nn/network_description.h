// The entries by which a file describes a network, read with checks.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mkdt {

class NetworkDescription {
 public:
  // `entries` outlive it.
  explicit NetworkDescription(const std::map<std::string, std::string>& entries)
      : entries_(entries) {}

  // Each throws Error naming the key if the entry is missing or is no such value.
  const std::string& text(const std::string& key) const;
  int64_t integer(const std::string& key) const;
  // The index of the entry among `names`; 0 if there is no such entry: older files have none.
  size_t choice(const std::string& key, const std::vector<std::string>& names) const;

 private:
  const std::map<std::string, std::string>& entries_;
};

}  // namespace mkdt
