#include "mkdt/report/loss_decimals.h"

#include <algorithm>
#include <cmath>

namespace mkdt {

int loss_decimals(const std::vector<double>& losses) {
  double smallest = 1;
  for (const double loss : losses) {
    if (loss > 0) smallest = std::min(smallest, loss);
  }
  return std::clamp(2 - static_cast<int>(std::floor(std::log10(smallest))), 3, 8);
}

int loss_decimals(const std::vector<ComparisonRow>& rows) {
  std::vector<double> losses;
  for (const SummaryRow& row : summarise(rows)) {
    if (row.representation_loss) losses.push_back(row.representation_loss->mean);
  }
  return loss_decimals(losses);
}

}  // namespace mkdt
