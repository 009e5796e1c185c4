// The result of a comparison in a sentence or two.
#pragma once

#include <string>

#include "mkdt/publish/comparison_table.h"

namespace mkdt {

// Whether the distilled set is ahead of the random subset, behind it or within the noise, for each
// label budget, with the paired differences; then its representation loss. Where nothing was
// compared with the random subset, the distilled set's accuracies. The report's page says the same
// of its first group (report_page/src/frame/headline.js). Empty where no distilled set is.
std::string verdict(const ComparisonGroup& group);

// What the numbers in such sentences are; empty where they have no differences.
std::string verdict_note(const ComparisonGroup& group);

}  // namespace mkdt
