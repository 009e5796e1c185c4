// Puts the images of a set side by side into one PNG file, as a text, as the page has them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <torch/types.h>

#include "mkdt/report/report_data.h"

namespace mkdt {

// Writes bytes as text, by RFC 4648, section 4, with padding.
std::string base64(std::string_view bytes);

struct Sprites {
  torch::Tensor rows;   // int64 [n], those of the set that are shown; ascending
  int64_t columns = 1;  // images a row of both pictures
  std::string before;   // data:image/png;base64,…; empty if not known
  std::string after;
  torch::Tensor nearest_class;  // int64 [n]; undefined if not known
  // Positions among the shown images, in order, by the order's name: "stored", and where targets
  // are known "representation" (ascending along the targets' first principal component) and "class"
  // (by nearest class, within one by representation).
  std::map<std::string, std::vector<int64_t>> orders;

  size_t bytes() const { return before.size() + after.size(); }
};

// Returns at most `most` images, evenly spread.
Sprites sprites_of(const ReportedSet& set, int64_t most);

// Returns at most about `bytes` of all sets together: as many images as fit, first those of the
// first set of each run, then those of the other sets, for which at least a tenth of the bytes is
// kept.
std::vector<std::vector<Sprites>> sprites_within(const std::vector<ReportedRun>& runs,
                                                 size_t bytes);

}  // namespace mkdt
