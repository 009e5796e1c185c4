#include "mkdt/publish/recipe_table.h"

#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/units.h"

namespace mkdt {
namespace {

// Returns the first row with a recipe of each method and encoder, in order of appearance.
std::vector<const ComparisonRow*> rows_with_recipes(const std::vector<ComparisonRow>& rows) {
  std::set<std::pair<std::string, std::string>> known;
  std::vector<const ComparisonRow*> found;
  for (const ComparisonRow& row : rows) {
    if (row.recipe && known.insert({row.method, row.encoder}).second) found.push_back(&row);
  }
  return found;
}

}  // namespace

Table recipe_table(const std::vector<ComparisonRow>& rows,
                   const std::optional<RecipeSearch>& grid) {
  Table table;
  table.title = "Pre-training recipes";
  table.columns = {{"method", Alignment::kLeft},
                   {"encoder", Alignment::kLeft},
                   {"learning rate"},
                   {"steps"},
                   {"validation loss"}};
  for (const ComparisonRow* row : rows_with_recipes(rows)) {
    const double loss = row->recipe->validation_loss;
    table.rows.push_back({{row->method},
                          {row->encoder},
                          {fmt::format("{:.4g}", row->recipe->lr)},
                          {std::to_string(row->recipe->steps)},
                          {loss > 0 ? fmt::format("{:.4g}", loss) : "–"}});
  }
  table.caption = edge_note(rows, grid);
  return table;
}

std::string edge_note(const std::vector<ComparisonRow>& rows,
                      const std::optional<RecipeSearch>& grid) {
  if (!grid) return "";
  std::vector<std::string> methods;
  bool smallest = false;
  for (const ComparisonRow* row : rows_with_recipes(rows)) {
    const std::string edge = edge_of(*grid, *row->recipe);
    if (edge.empty()) continue;
    methods.push_back(fmt::format("{} on {} ({})", row->method, row->encoder, edge));
    smallest = smallest || edge == "lowest rate, fewest steps";
  }
  if (methods.empty()) return "";
  std::string note = fmt::format(
      "The search chose a recipe at the edge of its grid for {}. A better recipe may lie outside "
      "(pretrain.lrs, pretrain.max_steps): each is worth at least what the tables say.",
      fmt::join(methods, ", "));
  if (smallest) {
    note += " With the lowest rate and the fewest steps an encoder is nearly untrained.";
  }
  return note;
}

Table work_table(const std::vector<PlannedWork>& work) {
  Table table;
  table.title = "Cells of the comparison";
  table.columns = {{"method", Alignment::kLeft},
                   {"encoder", Alignment::kLeft},
                   {"cells"},
                   {"finished"},
                   {"time left"}};
  for (const PlannedWork& entry : work) {
    table.rows.push_back({{entry.method},
                          {entry.encoder},
                          {std::to_string(entry.cells)},
                          {std::to_string(entry.finished)},
                          {duration_text(entry.seconds)}});
  }
  table.caption = "A cell is one accuracy: a data set, protocol, label budget and seed.";
  return table;
}

}  // namespace mkdt
