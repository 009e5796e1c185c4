// A curve in a few characters: ▇▅▄▃▂▂▁▁.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace mkdt::cli {

// At most `cells` characters, each as high as the mean of its share of the values, between the
// lowest and the highest of these means. A share without a finite value is a blank. Characters of
// ASCII if not `unicode`.
std::string sparkline(const std::vector<double>& values, size_t cells, bool unicode);

}  // namespace mkdt::cli
