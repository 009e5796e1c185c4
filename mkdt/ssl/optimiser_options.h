// [teacher]: how the encoder's parameters are updated.
#pragma once

#include <cstdint>
#include <string>

#include "mkdt/core/options.h"

namespace mkdt {

struct OptimiserOptions {
  std::string optimiser = "adamw";
  double lr = 0;  // peak; 0: peak_lr's
  double momentum = 0.9;
  double weight_decay = 1e-5;
  int64_t warmup_epochs = 10;

  void declare(OptionSection& section);
  // lr, or what suits the optimiser: 1e-3 for AdamW; for SGD 0.06 and for LARS 0.3 for each 256
  // images of a batch (our own choice; arXiv 2002.05709, section 2.2).
  double peak_lr(int64_t batch) const;
};

}  // namespace mkdt
