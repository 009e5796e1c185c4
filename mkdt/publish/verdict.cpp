#include "mkdt/publish/verdict.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mkdt/base/units.h"
#include "mkdt/compare/methods.h"
#include "mkdt/compare/statistics.h"
#include "mkdt/publish/comparison_table.h"
#include "mkdt/publish/difference_table.h"

namespace mkdt {
namespace {

using Texts = std::vector<std::string>;

bool is_own(const std::string& method) { return method == entry_of(kOwnMethod).name; }

// Returns "a, b and c".
std::string listed(const Texts& parts) {
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    text += i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

// Returns "1 % and 5 % of the labels" or "10 labels a class".
std::string of_labels(const std::vector<LabelBudget>& budgets) {
  const auto is_count = [](const LabelBudget& budget) { return budget.per_class > 0; };
  const auto counts = std::count_if(budgets.begin(), budgets.end(), is_count);
  Texts parts;
  if (counts == 0) {
    for (const LabelBudget& budget : budgets) parts.push_back(budget.text());
    return listed(parts) + " of the labels";
  }
  if (counts == static_cast<std::ptrdiff_t>(budgets.size())) {
    for (const LabelBudget& budget : budgets) parts.push_back(std::to_string(budget.per_class));
    return listed(parts) + " labels a class";
  }
  for (const LabelBudget& budget : budgets) parts.push_back(of_labels({budget}));
  return listed(parts);
}

enum class Standing { kAhead, kBehind, kWithinNoise, kUnknown };

Standing standing_of(const PairedInterval& difference) {
  if (!difference.half_width) return Standing::kUnknown;
  if (difference.mean - *difference.half_width > 0) return Standing::kAhead;
  if (difference.mean + *difference.half_width < 0) return Standing::kBehind;
  return Standing::kWithinNoise;
}

constexpr std::array kStandings = {
    std::pair(Standing::kAhead, "ahead of"), std::pair(Standing::kBehind, "behind"),
    std::pair(Standing::kWithinNoise, "within the noise of"),
    std::pair(Standing::kUnknown, "compared for one seed only, so without an interval, with")};

std::vector<PairedDifference> differences_of(const ComparisonGroup& group) {
  std::vector<PairedDifference> found;
  for (PairedDifference& one : paired_differences(group.rows, name_of(kBaselineMethod))) {
    if (is_own(one.method)) found.push_back(std::move(one));
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.labels < b.labels; });
  return found;
}

std::string accuracy_sentence(const std::vector<PairedDifference>& differences) {
  std::string said;
  for (const auto& [standing, words] : kStandings) {
    std::vector<LabelBudget> budgets;
    Texts amounts;
    for (const PairedDifference& one : differences) {
      if (standing_of(one.accuracy) != standing) continue;
      budgets.push_back(one.labels);
      amounts.push_back(difference_text(one.accuracy, 100, 1));
    }
    if (budgets.empty()) continue;
    said += fmt::format("{}{} {} with {} ({} points)", said.empty() ? "" : "; ", words,
                        said.empty() ? phrase_of(kBaselineMethod) : "it", of_labels(budgets),
                        listed(amounts));
  }
  return said.empty() ? "" : fmt::format("The distilled images are {}.", said);
}

std::string loss_sentence(const ComparisonGroup& group) {
  const auto difference = paired_loss_difference(group.rows, group.encoder, group.dataset,
                                                 name_of(kOwnMethod), name_of(kBaselineMethod));
  if (!difference) return "";
  std::optional<double> loss;
  for (const SummaryRow& row : summarise(group.rows)) {
    if (!is_own(row.method) || !row.representation_loss) continue;
    loss = row.representation_loss->mean;
    break;
  }
  const int decimals = loss_decimals(loss ? std::vector<double>{*loss} : std::vector<double>{});
  const std::string own = loss ? fmt::format("of {} ", decimal_text(*loss, decimals)) : "";
  const char* words = "differs";
  if (standing_of(*difference) == Standing::kAhead) words = "is higher, which is worse";
  if (standing_of(*difference) == Standing::kBehind) words = "is lower, which is better";
  if (standing_of(*difference) == Standing::kWithinNoise) words = "is within the noise of its";
  return fmt::format("Their representation loss {}{} ({}).", own, words,
                     difference_text(*difference, 1, decimals));
}

std::string without_baseline(const ComparisonGroup& group) {
  std::vector<std::pair<LabelBudget, std::string>> found;
  for (const SummaryRow& row : summarise(group.rows)) {
    if (!is_own(row.method) || !row.labels || !row.accuracy) continue;
    found.emplace_back(*row.labels,
                       fmt::format("{} % with {}", decimal_text(100 * row.accuracy->mean, 1),
                                   of_labels({*row.labels})));
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  if (found.empty()) return "";
  Texts parts;
  for (auto& [labels, text] : found) parts.push_back(std::move(text));
  return fmt::format(
      "The distilled images give an accuracy of {}. There is no baseline to compare "
      "it with.",
      listed(parts));
}

}  // namespace

std::string verdict(const ComparisonGroup& group) {
  const std::string accuracies = accuracy_sentence(differences_of(group));
  const std::string loss = loss_sentence(group);
  if (accuracies.empty() && loss.empty()) return without_baseline(group);
  return accuracies + (accuracies.empty() || loss.empty() ? "" : " ") + loss;
}

std::string verdict_note(const ComparisonGroup& group) {
  if (differences_of(group).empty()) return "";
  return fmt::format(
      "Points are percentage points of accuracy; in brackets 95 % intervals, paired by seed. {}",
      kWhatSeedsVary);
}

}  // namespace mkdt
