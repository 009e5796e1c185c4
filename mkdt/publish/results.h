// Writes the comparison to files, results.json and results.csv for programs, results.md for people,
// results.tex for papers; and reads results.json back.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mkdt/compare/comparison_store.h"

namespace mkdt {

inline constexpr const char* kResultsFile = "results.json";  // the one of them that is read again

// Returns a list with one object for each row: method, encoder, dataset, protocol, labels ("1%",
// "10/class"), seed, accuracy, top5_accuracy, balanced_accuracy, l2, representation_loss (null
// where absent), the recipe as lr, steps, validation_loss, and key.
std::string results_json(const std::vector<ComparisonRow>& rows);

// Returns the tables, the differences to the random subset last, below a list of `context` lines
// (data, teacher, version, …). Recipes at the edge of `grid` are named.
std::string results_markdown(const std::vector<ComparisonRow>& rows,
                             const std::vector<std::string>& context,
                             const std::optional<RecipeSearch>& grid = std::nullopt);

// Returns the same tables for LaTeX, without those of recipes.
std::string results_latex(const std::vector<ComparisonRow>& rows);

// Writes results.json, results.csv (publish/csv.h), results.md and results.tex to `folder`.
void write_results(const std::filesystem::path& folder, const std::vector<ComparisonRow>& rows,
                   const std::vector<std::string>& context,
                   const std::optional<RecipeSearch>& grid = std::nullopt);

// Reads the rows of a results.json, also of one with label_fraction for labels. Throws Error naming
// the file if it is not one.
std::vector<ComparisonRow> read_results(const std::filesystem::path& path);
// Reads them from such a text, which is from the file `origin`.
std::vector<ComparisonRow> results_from_json(const std::string& text, const std::string& origin);

}  // namespace mkdt
