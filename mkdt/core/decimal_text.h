// A number with a fixed number of decimals, the same in every table, file and page.
#pragma once

#include <string>

namespace mkdt {

// Rounded half away from zero, of the 15 significant digits that a double is sure to have: 15.25
// and 100 · 0.1525 both give "15.3". The page's `fixed` (report_page/src/base/format.js) does the
// same. No "-0.0"; `decimals` is not negative.
std::string decimal_text(double value, int decimals);

}  // namespace mkdt
