// Writes the card of a published set, the README.md that Hugging Face shows of a data set, and
// people read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mkdt/compare/comparison_store.h"
#include "mkdt/distill/synthetic_set.h"

namespace mkdt {

// A distilled set as it goes to others: with a licence, and with what is known of it.
struct PublishedSet {
  SyntheticSet set;
  std::string license = "unknown";       // one of Hugging Face's identifiers
  std::optional<int64_t> source_images;  // that it was made from, where that is known
  std::vector<ComparisonRow> results;    // of a comparison that this set took part in; may be empty
};

// Says in Markdown how the set fares against other methods: what the methods are, a table and
// heading of the third level for each downstream set, protocol and encoder, then the differences to
// the random subset. Says so if there are no rows.
std::string results_section(const std::vector<ComparisonRow>& rows);

// Says in Markdown how to train on the set: the recipe, and Python that follows it with
// load_torch.py.
std::string use_section(const SyntheticSet& set);

// Returns front matter, then what the set is, what it was made from, how to use it, its files, how
// it fares, what to beware of, how to make it again, what to cite. Names from outside are escaped,
// so that they are shown as they are, and no folder of the maker's machine is in it.
std::string dataset_card(const PublishedSet& published);

}  // namespace mkdt
