#include "mkdt/publish/csv.h"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mkdt {

std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char letter : text) {
    if (letter == '"') result += '"';
    result += letter;
  }
  return result + "\"";
}

std::string csv_number(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? fmt::format("{}", *value) : "";
}

std::string curves_csv(const std::vector<CurvePoint>& points) {
  std::string text = "method,encoder,seed,step,representation_loss,dataset,labels,accuracy\n";
  for (const CurvePoint& point : points) {
    text +=
        fmt::format("{},{},{},{},{},{},{},{}\n", csv_text(point.method), csv_text(point.encoder),
                    point.seed, point.step, csv_number(point.representation_loss),
                    csv_text(point.dataset), csv_text(point.labels), csv_number(point.accuracy));
  }
  return text;
}

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
