// [krr_st]: the baseline that fits kernel ridge regression on students' features to the teacher.
#pragma once

#include <cstdint>

#include "mkdt/core/options.h"
#include "mkdt/nn/regression.h"

namespace mkdt {

// As published (arXiv 2310.06511, section 4.1 and the authors' code): 160 000 steps at rate 1e-4,
// 1e-5 for Tiny ImageNet; the rest as below. Steps and rate are for minutes on a processor.
struct KrrStOptions {
  int64_t steps = 1000;
  int64_t batch = 1024;
  double lr = 0.03;
  double weight_decay = 0;
  double ridge = 1e-6;
  int64_t pool = 10;
  int64_t reinitialise_after = 1000;
  double student_lr = 0.1;
  double student_momentum = 0.9;
  double student_weight_decay = 1e-3;
  int64_t checkpoint_every = 200;

  void declare(OptionSection& section);
  SgdOptions student() const { return {student_lr, student_momentum, student_weight_decay}; }
};

}  // namespace mkdt
