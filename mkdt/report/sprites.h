// The images of a set as the page has them: side by side in one PNG file, in a text.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <torch/types.h>

#include "mkdt/report/report_data.h"

namespace mkdt {

// Bytes as text, RFC 4648, section 4, with padding.

std::string base64(std::string_view bytes);

// The images of a set as the page has them: side by side in one PNG file, in a text.

struct Sprites {
  torch::Tensor rows;   // int64 [n], those of the set that are shown; ascending
  int64_t columns = 1;  // images a row of both pictures
  std::string before;   // data:image/png;base64,…; empty if not known
  std::string after;
  torch::Tensor nearest_class;  // int64 [n]; undefined if not known
  // "stored", and where targets are known "representation" (ascending along the targets' first
  // principal component) and "class" (by nearest class, within one by representation): positions
  // among the shown ones, in order.
  std::map<std::string, std::vector<int64_t>> orders;

  size_t bytes() const { return before.size() + after.size(); }
};

// At most `most` images, evenly spread.
Sprites sprites_of(const ReportedSet& set, int64_t most);

// Of all sets together at most about `bytes`: as many images as fit, those of the first set of
// each run before the others, which have at least a tenth of it.
std::vector<std::vector<Sprites>> sprites_within(const std::vector<ReportedRun>& runs,
                                                 size_t bytes);

}  // namespace mkdt
