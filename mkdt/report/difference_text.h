// Differences as tables and sentences have them.
#pragma once

#include <string>

#include "mkdt/eval/paired_difference.h"

namespace mkdt {

// "+1.3 [−0.2, 2.8]", in units of which `unit` make 1, with a minus sign as wide as a plus; without
// brackets for one seed.
std::string difference_text(const PairedInterval& difference, double unit, int decimals);

}  // namespace mkdt
