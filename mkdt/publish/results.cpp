#include "mkdt/publish/results.h"

#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/base/text.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/json.h"
#include "mkdt/publish/comparison_table.h"
#include "mkdt/publish/csv.h"
#include "mkdt/publish/difference_table.h"
#include "mkdt/publish/recipe_table.h"
#include "mkdt/publish/table.h"
#include "mkdt/publish/verdict.h"

namespace mkdt {
namespace {

using Json = nlohmann::ordered_json;
using Parsed = nlohmann::json;  // finds a key in an object of many without asking each

Json json_number(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? Json(*value) : Json(nullptr);
}

std::optional<double> optional_number(const Parsed& row, const char* key) {
  if (!row.contains(key) || row.at(key).is_null()) return std::nullopt;
  return row.at(key).get<double>();
}

// Files of earlier versions have a fraction instead of a budget.
std::optional<LabelBudget> labels_of(const Parsed& row) {
  const auto fraction = optional_number(row, "label_fraction");
  if (fraction) return LabelBudget::part(*fraction);
  if (!row.contains("labels") || row.at("labels").is_null()) return std::nullopt;
  return parse_label_budget(row.at("labels").get<std::string>(), "labels");
}

ComparisonRow row_from(const Parsed& entry) {
  ComparisonRow row;
  row.method = entry.at("method").get<std::string>();
  row.encoder = entry.at("encoder").get<std::string>();
  row.dataset = entry.at("dataset").get<std::string>();
  row.protocol = entry.value("protocol", row.protocol);
  row.labels = labels_of(entry);
  row.seed = json_integer(entry.at("seed"));
  row.accuracy = optional_number(entry, "accuracy");
  row.top5_accuracy = optional_number(entry, "top5_accuracy");
  row.balanced_accuracy = optional_number(entry, "balanced_accuracy");
  row.l2 = optional_number(entry, "l2");
  row.representation_loss = optional_number(entry, "representation_loss");
  if (const auto lr = optional_number(entry, "lr")) {
    row.recipe = Recipe{*lr, json_integer(entry.at("steps")),
                        optional_number(entry, "validation_loss").value_or(0)};
  }
  row.fitted_head = entry.value("fitted_head", row.fitted_head);
  row.key = entry.value("key", row.key);
  return row;
}

}  // namespace

std::string results_json(const std::vector<ComparisonRow>& rows) {
  Json list = Json::array();
  for (const ComparisonRow& row : rows) {
    Json entry;
    entry["method"] = row.method;
    entry["encoder"] = row.encoder;
    entry["dataset"] = as_utf8(row.dataset);  // a variant's name may hold a path
    entry["protocol"] = row.protocol;
    entry["labels"] = row.labels ? Json(row.labels->code()) : Json(nullptr);
    entry["seed"] = row.seed;
    entry["accuracy"] = json_number(row.accuracy);
    entry["top5_accuracy"] = json_number(row.top5_accuracy);
    entry["balanced_accuracy"] = json_number(row.balanced_accuracy);
    entry["l2"] = json_number(row.l2);
    entry["representation_loss"] = json_number(row.representation_loss);
    entry["fitted_head"] = row.fitted_head;
    entry["lr"] = row.recipe ? Json(row.recipe->lr) : Json(nullptr);
    entry["steps"] = row.recipe ? Json(row.recipe->steps) : Json(nullptr);
    // A fixed recipe has no validation loss that chose it.
    const bool chosen = row.recipe && row.recipe->validation_loss > 0;
    entry["validation_loss"] = chosen ? json_number(row.recipe->validation_loss) : Json(nullptr);
    entry["key"] = row.key;
    list.push_back(entry);
  }
  return list.dump(2) + "\n";
}

std::string results_markdown(const std::vector<ComparisonRow>& rows,
                             const std::vector<std::string>& context,
                             const std::optional<RecipeSearch>& grid) {
  std::string text = "# Results\n";
  if (!context.empty()) text += "\n";
  for (const std::string& line : context) text += fmt::format("- {}\n", line);
  const std::vector<ComparisonGroup> groups = comparison_groups(rows);
  const std::vector<Table> tables = comparison_tables(rows);  // one a group
  for (size_t i = 0; i < tables.size(); ++i) {
    text += "\n" + markdown_text(tables[i]);
    for (const std::string& said : {verdict(groups[i]), verdict_note(groups[i])}) {
      if (!said.empty()) text += "\n" + said + "\n";
    }
  }
  for (const Table& table : further_tables(rows)) text += "\n" + markdown_text(table);
  for (const Table& table : difference_tables(rows)) text += "\n" + markdown_text(table);
  for (const Table& table : export_tables(rows)) text += "\n" + markdown_text(table);
  const Table recipes = recipe_table(rows, grid);
  if (!recipes.rows.empty()) text += "\n" + markdown_text(recipes);
  return text;
}

std::string results_latex(const std::vector<ComparisonRow>& rows) {
  std::string text = "% \\usepackage{booktabs}\n";
  for (const auto& tables : {comparison_tables(rows), further_tables(rows), difference_tables(rows),
                             export_tables(rows)}) {
    for (const Table& table : tables) text += "\n" + latex_text(table);
  }
  return text;
}

void write_results(const std::filesystem::path& folder, const std::vector<ComparisonRow>& rows,
                   const std::vector<std::string>& context,
                   const std::optional<RecipeSearch>& grid) {
  write_text_atomically(folder / kResultsFile, results_json(rows));
  write_text_atomically(folder / "results.csv", results_csv(rows));
  write_text_atomically(folder / "results.tex", results_latex(rows));
  write_text_atomically(folder / "results.md", results_markdown(rows, context, grid));
}

std::vector<ComparisonRow> results_from_json(const std::string& text, const std::string& origin) {
  const auto refuse = [&](const std::exception& error) {
    return Error(fmt::format("{}: expected the rows of a comparison, got: {}", origin,
                             printable(error.what())));
  };
  try {
    std::vector<ComparisonRow> rows;
    for (const Parsed& entry : Parsed::parse(text)) rows.push_back(row_from(entry));
    return rows;
  } catch (const Json::exception& error) {
    throw refuse(error);
  } catch (const Error& error) {
    throw refuse(error);
  }
}

std::vector<ComparisonRow> read_results(const std::filesystem::path& path) {
  return results_from_json(read_json_text(path), path.string());
}

}  // namespace mkdt
