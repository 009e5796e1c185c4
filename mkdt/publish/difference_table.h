// How much better the methods are than a random subset, with what seeds make uncertain.
#pragma once

#include <string>
#include <vector>

#include "mkdt/compare/comparison_store.h"
#include "mkdt/compare/methods.h"
#include "mkdt/compare/statistics.h"
#include "mkdt/publish/table.h"

namespace mkdt {

// Differences as tables and sentences have them.

// "+1.3 [−0.2, 2.8]", in units of which `unit` make 1, with a minus sign as wide as a plus; without
// brackets for one seed.
std::string difference_text(const PairedInterval& difference, double unit, int decimals);

// How much better the methods are than a random subset, with what seeds make uncertain.

// What deviations and intervals over seeds are conditional on.
constexpr const char* kWhatSeedsVary =
    "A seed varies initialisation, order and label sample; sets, teacher, experts, recipes and "
    "split are the same for all.";

// One table a data set, protocol and encoder: for each method and label budget the difference to
// the baseline's accuracy in percentage points, "+1.3 [−0.2, 2.8]" with the interval of
// compare/statistics.h, without it for one seed. No table where nothing can be compared.
std::vector<Table> difference_tables(const std::vector<ComparisonRow>& rows,
                                     const std::string& baseline_method = name_of(kBaselineMethod));

// The same of the distilled set's PNG export against the set itself: what 8-bit pictures lose.
std::vector<Table> export_tables(const std::vector<ComparisonRow>& rows);

}  // namespace mkdt
