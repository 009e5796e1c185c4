#include "mkdt/report/results_csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/report/csv.h"

namespace mkdt {
namespace {

std::string line(const ComparisonRow& row) {
  const std::vector<std::string> fields = {
      csv_text(row.method),
      csv_text(row.encoder),
      csv_text(row.dataset),
      csv_text(row.protocol),
      row.labels ? row.labels->code() : "",
      fmt::format("{}", row.seed),
      csv_number(row.accuracy),
      csv_number(row.top5_accuracy),
      csv_number(row.balanced_accuracy),
      csv_number(row.l2),
      csv_number(row.representation_loss),
      row.fitted_head ? "1" : "0",
      row.recipe ? csv_number(row.recipe->lr) : "",
      row.recipe ? fmt::format("{}", row.recipe->steps) : "",
      row.recipe && row.recipe->validation_loss > 0 ? csv_number(row.recipe->validation_loss) : "",
      csv_text(row.key),
  };
  return fmt::format("{}\n", fmt::join(fields, ","));
}

}  // namespace

std::string results_csv(const std::vector<ComparisonRow>& rows) {
  std::string text =
      "method,encoder,dataset,protocol,labels,seed,accuracy,top5_accuracy,balanced_accuracy,l2,"
      "representation_loss,fitted_head,lr,steps,validation_loss,key\n";
  for (const ComparisonRow& row : rows) text += line(row);
  return text;
}

}  // namespace mkdt
