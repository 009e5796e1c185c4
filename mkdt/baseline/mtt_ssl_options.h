// [mtt_ssl]: trajectory matching under the self-supervised loss itself.
#pragma once

#include <cstdint>

#include "mkdt/baseline/ssl_student.h"
#include "mkdt/core/options.h"
#include "mkdt/distill/distill_options.h"
#include "mkdt/nn/regression.h"

namespace mkdt {

// Names as in [experts] and [distill]. The defaults are for a small run.
struct MttSslOptions {
  MttSslOptions();

  int64_t experts = 4;
  int64_t train_batch = 256;
  double train_lr = 0.1;
  double train_momentum = 0.9;
  double train_weight_decay = 1e-4;
  int64_t projector_hidden = 128;
  int64_t projector_output = 128;
  double lambda = 5e-3;
  DistillOptions matching;  // the keys of declare_matching

  void declare(OptionSection& section);

  SslOptions ssl() const;
  SgdOptions train_sgd() const { return {train_lr, train_momentum, train_weight_decay}; }
};

}  // namespace mkdt
