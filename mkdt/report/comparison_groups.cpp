#include "mkdt/report/comparison_groups.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace mkdt {
namespace {

template <typename Value>
void add_once(std::vector<Value>& values, const Value& value) {
  if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

bool is_teacher(const ComparisonRow& row) { return row.method == "teacher"; }

bool same_test(const ComparisonRow& row, const ComparisonGroup& group) {
  return row.dataset == group.dataset && row.protocol == group.protocol;
}

bool belongs(const ComparisonRow& row, const ComparisonGroup& group) {
  return same_test(row, group) && (is_teacher(row) || row.encoder == group.encoder);
}

// The groups' names, without rows.
std::vector<ComparisonGroup> empty_groups(const std::vector<ComparisonRow>& rows) {
  std::vector<ComparisonGroup> groups;
  for (const bool teachers : {false, true}) {
    for (const ComparisonRow& row : rows) {
      if (is_teacher(row) != teachers) continue;
      const bool placed =
          std::any_of(groups.begin(), groups.end(),
                      [&](const ComparisonGroup& group) { return belongs(row, group); });
      if (placed) continue;
      ComparisonGroup group;
      group.dataset = row.dataset;
      group.protocol = row.protocol;
      group.encoder = row.encoder;
      groups.push_back(group);
    }
  }
  return groups;
}

}  // namespace

std::string ComparisonGroup::title() const {
  const std::string test = budgets.empty() ? "" : ", " + protocol_text(protocol);
  return fmt::format("{}, {}{}, {} seed{}", dataset, encoder, test, seeds, seeds == 1 ? "" : "s");
}

std::vector<ComparisonGroup> comparison_groups(const std::vector<ComparisonRow>& rows) {
  std::vector<ComparisonGroup> groups = empty_groups(rows);
  for (ComparisonGroup& group : groups) {
    std::set<int64_t> seeds;
    for (const ComparisonRow& row : rows) {
      if (!belongs(row, group)) continue;
      group.rows.push_back(row);
      add_once(group.methods, row.method);
      if (row.labels) add_once(group.budgets, *row.labels);
      seeds.insert(row.seed);
    }
    std::sort(group.budgets.begin(), group.budgets.end());
    group.seeds = static_cast<int64_t>(seeds.size());
  }
  return groups;
}

bool competes(const std::string& method) {
  return method != "full" && method != "teacher" && method != "ssl";
}

std::string protocol_text(const std::string& protocol) {
  if (protocol == "probe") return "linear probe";
  if (protocol == "finetune") return "fine-tuning";
  if (protocol == "knn") return "k-NN";
  return protocol;
}

}  // namespace mkdt
