// The options [evaluate]: which methods are compared, on which encoders, labels and protocols, and
// how often.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mkdt/base/options.h"
#include "mkdt/compare/methods.h"
#include "mkdt/judge/finetune.h"
#include "mkdt/judge/knn.h"
#include "mkdt/judge/label_budget.h"
#include "mkdt/judge/linear_probe.h"

namespace mkdt {

struct EvaluateOptions {
  std::vector<std::string> methods =
      method_names({Method::kNone, Method::kRandom, Method::kHighLoss, Method::kDistilled,
                    Method::kFull, Method::kTeacher});
  std::vector<std::string> encoders = {"student"};
  std::vector<std::string> datasets;
  std::vector<std::string> protocols = {"probe"};
  std::vector<double> label_fractions = {0.01, 0.05, 0.1};
  std::vector<int64_t> label_counts;
  int64_t seeds = 3;
  int64_t curve_points = 4;
  double probe_l2 = 1e-3;
  std::vector<double> probe_l2_choices;
  int64_t probe_iterations = 100;
  FinetuneOptions finetune;
  KnnOptions knn;

  void declare(OptionSection& section);
  // Throws Error for options that contradict each other.
  void check() const;

  ProbeOptions probe() const { return {probe_l2, probe_iterations}; }
  // Returns label_fractions, then label_counts.
  std::vector<LabelBudget> budgets() const;
  // Returns `methods`, in their order. Throws Error for a name that is not a method's.
  std::vector<Method> compared() const;
  bool includes(Method method) const;
  bool includes(MethodKind kind) const;
  // Returns the options that a protocol's numbers depend on, as text.
  std::string protocol_text(const std::string& protocol) const;
};

}  // namespace mkdt
