// Draws a curve in a few characters: ▇▅▄▃▂▂▁▁.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace mkdt::cli {

// Returns at most `cells` characters, each as high as the mean of its share of the values, between
// the lowest and the highest of these means. A share without a finite value is a blank. They are
// characters of ASCII if not `unicode`.
std::string sparkline(const std::vector<double>& values, size_t cells, bool unicode);

}  // namespace mkdt::cli
