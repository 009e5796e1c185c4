#include "mkdt/compare/comparison_plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "mkdt/base/random.h"
#include "mkdt/io/checksum.h"
#include "mkdt/judge/label_budget.h"

namespace mkdt {
namespace {

std::string text_of(const std::map<std::string, std::string>& entries) {
  std::string text;
  for (const auto& [key, value] : entries) text += fmt::format("{}={}\n", key, value);
  return text;
}

std::string key_of(const DownstreamSet& set) {
  std::string text = set.name;
  for (const ImageSet* part : {&set.train, &set.validation, &set.test}) {
    if (!part->images.defined()) continue;
    text += part->fingerprint();
    if (part->labelled()) text += checksum(part->labels);
  }
  return text;
}

// Returns the budgets of the options as available_budget gives them for the set, each once.
std::vector<LabelBudget> available_budgets(const DownstreamSet& set,
                                           const EvaluateOptions& options) {
  std::vector<LabelBudget> budgets;
  for (const LabelBudget& asked : options.budgets()) {
    const LabelBudget labels =
        set.train.labelled() ? available_budget(asked, set.train.labels) : asked;
    if (std::find(budgets.begin(), budgets.end(), labels) == budgets.end()) {
      budgets.push_back(labels);
    }
  }
  return budgets;
}

class Planner {
 public:
  Planner(const ComparisonInputs& inputs, const EvaluateOptions& options,
          const PretrainOptions& pretraining, uint64_t seed)
      : inputs_(inputs),
        options_(options),
        seed_(seed),
        pretraining_(pretraining.key_text()),
        common_(inputs.dataset + inputs.fingerprint + checksum(inputs.validation.targets) +
                checksum(inputs.test.targets) + std::to_string(seed)) {
    for (const DownstreamSet& set : inputs.downstream) {
      downstream_keys_.push_back(key_of(set));
      budgets_.push_back(available_budgets(set, options));
    }
  }

  PlannedEncoding encoding(size_t candidate, std::optional<size_t> encoder, int64_t seed) const {
    const Candidate& method = inputs_.candidates[candidate];
    PlannedEncoding planned;
    planned.candidate = candidate;
    planned.encoder = encoder;
    planned.seed = seed;
    planned.stream = derive_seed(seed_, "eval/run", static_cast<uint64_t>(seed));
    std::string learner = method.method + method.fingerprint + common_;
    if (method.pretraining) learner += pretraining_;
    if (encoder) learner += text_of(inputs_.encoders[*encoder].network->describe());
    planned.recipe_key = checksum(learner);
    planned.key = checksum(planned.recipe_key + std::to_string(seed));
    planned.cells = cells(planned, method);
    if (method.pretraining && seed == 0 && options_.curve_points > 0) {
      planned.curve_key = curve_key(planned);
    }
    return planned;
  }

 private:
  std::vector<PlannedCell> cells(const PlannedEncoding& encoding, const Candidate& method) const {
    std::vector<PlannedCell> cells;
    if (inputs_.downstream.empty() && encoding.encoder) {
      cells.push_back({std::nullopt, "", std::nullopt, checksum(encoding.key + "loss")});
    }
    for (size_t i = 0; i < inputs_.downstream.size(); ++i) {
      if (method.features && !(*method.features)[i]) continue;
      for (const std::string& protocol : options_.protocols) {
        if (method.features && protocol == "finetune") continue;
        for (const LabelBudget& labels : budgets_[i]) {
          const std::string key =
              encoding.key + downstream_keys_[i] + options_.protocol_text(protocol) + labels.code();
          cells.push_back({i, protocol, labels, checksum(key)});
        }
      }
    }
    return cells;
  }

  // A curve has a probe with the most labels on every downstream set.
  std::string curve_key(const PlannedEncoding& encoding) const {
    std::string text = fmt::format("{} curve {} {}", encoding.key, options_.curve_points,
                                   options_.protocol_text("probe"));
    for (const std::string& key : downstream_keys_) text += key;
    for (const LabelBudget& labels : options_.budgets()) text += labels.code();
    return checksum(text);
  }

  const ComparisonInputs& inputs_;
  const EvaluateOptions& options_;
  uint64_t seed_;
  std::string pretraining_, common_;
  std::vector<std::string> downstream_keys_;
  std::vector<std::vector<LabelBudget>> budgets_;  // of each downstream set
};

}  // namespace

std::vector<PlannedEncoding> plan_comparison(const ComparisonInputs& inputs,
                                             const EvaluateOptions& options,
                                             const PretrainOptions& pretraining, uint64_t seed) {
  const Planner planner(inputs, options, pretraining, seed);
  std::vector<PlannedEncoding> plan;
  for (int64_t run = 0; run < options.seeds; ++run) {
    for (size_t candidate = 0; candidate < inputs.candidates.size(); ++candidate) {
      if (inputs.candidates[candidate].features) {
        plan.push_back(planner.encoding(candidate, std::nullopt, run));
        continue;
      }
      for (size_t encoder = 0; encoder < inputs.encoders.size(); ++encoder) {
        plan.push_back(planner.encoding(candidate, encoder, run));
      }
    }
  }
  return plan;
}

std::string encoder_name(const PlannedEncoding& encoding, const ComparisonInputs& inputs) {
  if (encoding.encoder) return inputs.encoders[*encoding.encoder].name;
  return inputs.candidates[encoding.candidate].features_encoder;
}

std::string describe(const PlannedEncoding& encoding, const ComparisonInputs& inputs) {
  return fmt::format("{}, {}, seed {}", inputs.candidates[encoding.candidate].method,
                     encoder_name(encoding, inputs), encoding.seed);
}

}  // namespace mkdt
