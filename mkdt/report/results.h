// The comparison as files: results.json for programs, results.md for people.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkdt/eval/comparison_row.h"

namespace mkdt {

// A list with one object a row: method, encoder, dataset, protocol, labels ("1%", "10/class"),
// seed, accuracy, top5_accuracy, balanced_accuracy, l2, representation_loss (null where absent),
// the recipe as lr, steps, validation_loss, and key, seconds.
std::string results_json(const std::vector<ComparisonRow>& rows);

// The tables, below a list of `context` lines (data, teacher, version, …).
std::string results_markdown(const std::vector<ComparisonRow>& rows,
                             const std::vector<std::string>& context);

// results.json and results.md in `folder`.
void write_results(const std::filesystem::path& folder, const std::vector<ComparisonRow>& rows,
                   const std::vector<std::string>& context);

// Rows of a results.json, also of one with label_fraction for labels; Error naming the file if it
// is not one.
std::vector<ComparisonRow> read_results(const std::filesystem::path& path);

}  // namespace mkdt
