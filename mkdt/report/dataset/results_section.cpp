#include "mkdt/report/dataset/results_section.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "mkdt/report/comparison_table.h"
#include "mkdt/report/dataset/shown_text.h"
#include "mkdt/report/difference_table.h"
#include "mkdt/report/recipe_table.h"
#include "mkdt/report/table.h"

namespace mkdt {
namespace {

struct Meaning {
  const char* method;
  const char* text;
};

constexpr std::array<Meaning, 10> kMeanings = {
    {{"none", "no pre-training"},
     {"random", "as many real images, chosen at random"},
     {"k-means", "as many real images, the nearest to centroids of the representations"},
     {"high-loss", "as many real images, those that experts fit worst"},
     {"krr-st", "a set made by KRR-ST"},
     {"mtt-ssl", "a set made by MTT-SSL"},
     {"distilled", "this set"},
     {"distilled-png", "this set from its 8-bit pictures"},
     {"full", "all training images"},
     {"ssl", "self-supervised training on all training images"}}};

std::string meanings(const std::vector<ComparisonRow>& rows) {
  std::string text;
  for (const Meaning& meaning : kMeanings) {
    const bool there = std::any_of(rows.begin(), rows.end(), [&](const ComparisonRow& row) {
      return row.method == meaning.method;
    });
    if (there) text += fmt::format("- {}: {}\n", meaning.method, meaning.text);
  }
  return text;
}

// Names mean themselves; what tells methods apart is untouched, as it needs no escape.
std::vector<ComparisonRow> rows_in_markdown(std::vector<ComparisonRow> rows) {
  for (ComparisonRow& row : rows) {
    for (std::string* name : {&row.method, &row.encoder, &row.dataset, &row.protocol}) {
      *name = in_markdown(*name);
    }
  }
  return rows;
}

std::string with_heading(Table table) {
  const std::string heading = table.title;
  table.title.clear();
  return fmt::format("\n### {}\n\n{}", heading, markdown_text(table));
}

}  // namespace

std::string results_section(const std::vector<ComparisonRow>& rows) {
  if (rows.empty()) return "It was not compared with anything: nothing is known of its worth.\n";
  const std::vector<ComparisonRow> safe = rows_in_markdown(rows);
  std::string text =
      "Fresh encoders were pre-trained on each of the following, then judged.\n\n" + meanings(safe);
  for (const auto& tables : {comparison_tables(safe), further_tables(safe), difference_tables(safe),
                             export_tables(safe)}) {
    for (const Table& table : tables) text += with_heading(table);
  }
  const Table recipes = recipe_table(safe);
  return recipes.rows.empty() ? text : text + with_heading(recipes);
}

}  // namespace mkdt
