#include "mkdt/report/recipe_table.h"

#include <set>
#include <utility>

#include <fmt/format.h>

namespace mkdt {

Table recipe_table(const std::vector<ComparisonRow>& rows) {
  Table table;
  table.title = "Pre-training recipes";
  table.columns = {{"method", Alignment::kLeft},
                   {"encoder", Alignment::kLeft},
                   {"learning rate"},
                   {"steps"},
                   {"validation loss"}};
  std::set<std::pair<std::string, std::string>> known;
  for (const ComparisonRow& row : rows) {
    if (!row.recipe || !known.insert({row.method, row.encoder}).second) continue;
    const double loss = row.recipe->validation_loss;
    table.rows.push_back({{row.method},
                          {row.encoder},
                          {fmt::format("{:.4g}", row.recipe->lr)},
                          {std::to_string(row.recipe->steps)},
                          {loss > 0 ? fmt::format("{:.4g}", loss) : "–"}});
  }
  return table;
}

}  // namespace mkdt
