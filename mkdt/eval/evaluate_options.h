// [evaluate]: which methods are compared, on which labels, how often.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mkdt/core/options.h"
#include "mkdt/eval/linear_probe.h"

namespace mkdt {

struct EvaluateOptions {
  std::vector<std::string> methods = {"none",      "random", "high-loss",
                                      "distilled", "full",   "teacher"};
  std::vector<double> label_fractions = {0.01, 0.05, 0.1};
  int64_t seeds = 3;
  double probe_l2 = 1e-3;
  int64_t probe_iterations = 100;
  std::vector<std::string> datasets;
  int64_t encoder_width = 0;
  int64_t encoder_depth = 0;

  void declare(OptionSection& section);

  ProbeOptions probe() const { return {probe_l2, probe_iterations}; }
  bool includes(const std::string& method) const;
};

}  // namespace mkdt
