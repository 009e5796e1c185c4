#include "mkdt/judge/label_budget.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/base/units.h"

namespace mkdt {
namespace {

constexpr std::string_view kPart = "%";
constexpr std::string_view kCount = "/class";

// Returns 0.989 for "98.9", the nearest double, which 98.9 / 100 is not.
std::optional<double> parse_percent(std::string_view text) {
  const bool plain = text.find_first_not_of("0123456789.") == std::string_view::npos;
  const std::string shifted = std::string(text) + "e-2";
  const char* const past = shifted.data() + shifted.size();
  double number = 0;
  const auto [end, code] = std::from_chars(shifted.data(), past, number);
  if (!plain || code != std::errc() || end != past) return std::nullopt;
  return number;
}

// Returns `text` without `end`, or nothing if it does not end so.
std::optional<std::string_view> before(std::string_view text, std::string_view end) {
  if (text.size() < end.size() || text.substr(text.size() - end.size()) != end) return std::nullopt;
  return text.substr(0, text.size() - end.size());
}

bool valid(const LabelBudget& budget) {
  if (budget.per_class != 0) return budget.per_class > 0 && budget.fraction == 0;
  return budget.fraction > 0 && budget.fraction <= 1;
}

// Writes a fraction as percent, with the fewest decimals that give it back.
std::string percent(double fraction) {
  std::string text;
  for (int decimals = 0; decimals <= 20; ++decimals) {
    text = fmt::format("{:.{}f}", 100 * fraction, decimals);
    if (parse_percent(text) == fraction) break;
  }
  return text;
}

}  // namespace

std::string LabelBudget::text() const {
  if (per_class > 0) return fmt::format("{} a class", per_class);
  return fmt::format("{:.4g} %", 100 * fraction);
}

std::string LabelBudget::code() const {
  if (per_class > 0) return fmt::format("{}{}", per_class, kCount);
  return percent(fraction) + std::string(kPart);
}

bool operator==(const LabelBudget& a, const LabelBudget& b) {
  return a.fraction == b.fraction && a.per_class == b.per_class;
}

bool operator!=(const LabelBudget& a, const LabelBudget& b) { return !(a == b); }

bool operator<(const LabelBudget& a, const LabelBudget& b) {
  return std::tie(a.per_class, a.fraction) < std::tie(b.per_class, b.fraction);
}

void check_label_budget(const LabelBudget& budget, const std::string& origin) {
  if (valid(budget)) return;
  throw Error(
      fmt::format("{}: expected a fraction of the labels, more than 0 and at most 1, or a count a "
                  "class of at least 1, got {} and {}",
                  origin, budget.fraction, budget.per_class));
}

LabelBudget parse_label_budget(std::string_view code, const std::string& origin) {
  LabelBudget budget;
  if (const auto part = before(code, kPart)) budget.fraction = parse_percent(*part).value_or(0);
  if (const auto count = before(code, kCount)) budget.per_class = parse_integer(*count).value_or(0);
  if (valid(budget)) return budget;
  throw Error(
      fmt::format("{}: expected labels like \"1%\" or \"10/class\", got \"{}\"", origin, code));
}

namespace {

int64_t count_of(const LabelBudget& budget, int64_t size) {
  if (budget.per_class > 0) return std::min(budget.per_class, size);
  return std::max<int64_t>(1, std::llround(budget.fraction * static_cast<double>(size)));
}

}  // namespace

torch::Tensor label_subset(const torch::Tensor& labels, const LabelBudget& budget, uint64_t seed) {
  check_label_budget(budget, "labels");
  const torch::Tensor on_cpu = labels.to(torch::kCPU, torch::kLong).contiguous();
  std::vector<std::vector<int64_t>> rows_of_class;
  const auto* label = on_cpu.data_ptr<int64_t>();
  for (int64_t row = 0; row < on_cpu.numel(); ++row) {
    const auto index = static_cast<size_t>(label[row]);
    if (index >= rows_of_class.size()) rows_of_class.resize(index + 1);
    rows_of_class[index].push_back(row);
  }

  std::vector<int64_t> chosen;
  for (size_t index = 0; index < rows_of_class.size(); ++index) {
    const std::vector<int64_t>& rows = rows_of_class[index];
    if (rows.empty()) continue;
    const auto size = static_cast<int64_t>(rows.size());
    const int64_t count = count_of(budget, size);
    at::Generator generator = make_generator(seed, "eval/labels", index);
    const torch::Tensor order = torch::randperm(size, generator, torch::kLong);
    const auto* place = order.data_ptr<int64_t>();
    for (int64_t i = 0; i < count; ++i) chosen.push_back(rows[static_cast<size_t>(place[i])]);
  }
  std::sort(chosen.begin(), chosen.end());
  return torch::tensor(chosen, torch::kLong);
}

LabelBudget available_budget(const LabelBudget& asked, const torch::Tensor& labels) {
  if (asked.per_class == 0 || labels.numel() == 0) return asked;
  const auto largest = labels.bincount().max().item<int64_t>();
  return asked.per_class < largest ? asked : LabelBudget::part(1);
}

}  // namespace mkdt
