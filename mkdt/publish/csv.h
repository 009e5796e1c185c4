// The comparison and the course of pre-trainings as tidy tables for other programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkdt/compare/comparison_store.h"

namespace mkdt {

// Fields of comma-separated files.

// Quoted as RFC 4180 says if it has a comma, a quote or a line break.
std::string csv_text(const std::string& text);
// The shortest text that gives the same double; empty if absent or not finite.
std::string csv_number(const std::optional<double>& value);

// The course of pre-trainings as a tidy table.

// A header and a line a point: method, encoder, seed, step, representation_loss, dataset, labels,
// accuracy.
std::string curves_csv(const std::vector<CurvePoint>& points);

// The comparison as a tidy table for other programs: one line a cell.

// A header and a line a row: method, encoder, dataset, protocol, labels, seed, accuracy,
// top5_accuracy, balanced_accuracy, l2, representation_loss, fitted_head, lr, steps,
// validation_loss, key. Fields are quoted as RFC 4180 says where they need it, lines end in \n;
// what is absent or not finite is empty. Numbers are the shortest that give the same double.
std::string results_csv(const std::vector<ComparisonRow>& rows);

}  // namespace mkdt
