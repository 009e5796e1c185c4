// A distilled set as it goes to others: with a licence, and with what is known of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mkdt/distill/synthetic_set.h"
#include "mkdt/eval/comparison_row.h"

namespace mkdt {

struct PublishedSet {
  SyntheticSet set;
  std::string license = "unknown";       // one of Hugging Face's identifiers
  std::optional<int64_t> source_images;  // that it was made from, where that is known
  std::vector<ComparisonRow> results;    // of a comparison that this set took part in; may be empty
};

}  // namespace mkdt
