// Says the result of a comparison in a sentence or two.
#pragma once

#include <string>

#include "mkdt/publish/comparison_table.h"

namespace mkdt {

// Says whether the distilled set is ahead of the random subset, behind it or within the noise, for
// each label budget, with the paired differences; then its representation loss. Where nothing was
// compared with the random subset, it says the distilled set's accuracies. The report's page says
// the same of its first group (report_page/src/frame/headline.js). Empty where there is no
// distilled set.
std::string verdict(const ComparisonGroup& group);

// Explains the numbers in such sentences; empty where they have no differences.
std::string verdict_note(const ComparisonGroup& group);

}  // namespace mkdt
