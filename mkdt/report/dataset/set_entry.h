// What a set's provenance says of one thing.
#pragma once

#include <string>

#include "mkdt/distill/synthetic_set.h"

namespace mkdt {

// Empty where it says nothing.
inline std::string set_entry(const SyntheticSet& set, const std::string& key) {
  const auto found = set.provenance.find(key);
  return found == set.provenance.end() ? "" : found->second;
}

}  // namespace mkdt
