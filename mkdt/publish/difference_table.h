// Makes tables and texts of how much better methods are than a random subset, and of how uncertain
// that is over seeds.
#pragma once

#include <string>
#include <vector>

#include "mkdt/compare/comparison_store.h"
#include "mkdt/compare/methods.h"
#include "mkdt/compare/statistics.h"
#include "mkdt/publish/table.h"

namespace mkdt {

// Returns "+1.3 [−0.2, 2.8]", in units of which `unit` make 1, with a minus sign as wide as a plus;
// without brackets for one seed.
std::string difference_text(const PairedInterval& difference, double unit, int decimals);

// Says in tables on what deviations and intervals over seeds are conditional.
constexpr const char* kWhatSeedsVary =
    "A seed varies initialisation, order and label sample; sets, teacher, experts, recipes and "
    "split are the same for all.";

// Returns one table for each data set, protocol and encoder. For each method and label budget it
// has the difference to the baseline's accuracy in percentage points, "+1.3 [−0.2, 2.8]" with the
// interval of compare/statistics.h, without it for one seed; and the difference of the
// representation losses. There is no table where nothing can be compared.
std::vector<Table> difference_tables(const std::vector<ComparisonRow>& rows,
                                     const std::string& baseline_method = name_of(kBaselineMethod));

// Returns such tables of the distilled set's PNG export against the set itself, which show what
// 8-bit pictures lose.
std::vector<Table> export_tables(const std::vector<ComparisonRow>& rows);

}  // namespace mkdt
