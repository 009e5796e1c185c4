// Writes the comparison and the course of pre-trainings as tidy tables of comma-separated values
// for other programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkdt/compare/comparison_store.h"

namespace mkdt {

// Returns the field, quoted as RFC 4180 says if it has a comma, a quote or a line break.
std::string csv_text(const std::string& text);
// Returns the shortest text that gives the same double; empty if absent or not finite.
std::string csv_number(const std::optional<double>& value);

// Returns a header and a line for each point: method, encoder, seed, step, representation_loss,
// dataset, labels, accuracy.
std::string curves_csv(const std::vector<CurvePoint>& points);

// Returns a header and a line for each row: method, encoder, dataset, protocol, labels, seed,
// accuracy, top5_accuracy, balanced_accuracy, l2, representation_loss, fitted_head, lr, steps,
// validation_loss, key. Lines end in \n; a value that is absent or not finite is an empty field.
std::string results_csv(const std::vector<ComparisonRow>& rows);

}  // namespace mkdt
