// [teacher]: the self-supervised objective and what lies between it and the encoder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mkdt/core/options.h"

namespace mkdt {

// barlow-twins, simclr, vicreg, byol.
const std::vector<std::string>& ssl_algorithms();

struct AlgorithmOptions {
  std::string algorithm = "barlow-twins";
  // 0: the algorithm's own.
  int64_t projector_layers = 0;
  int64_t projector_dim = 0;
  int64_t projector_output = 0;
  double lambda = 5e-3;      // Barlow Twins
  double temperature = 0.5;  // SimCLR
  double invariance = 25;    // VICReg
  double variance = 25;
  double covariance = 1;
  double ema = 0.99;  // BYOL

  void declare(OptionSection& section);
};

}  // namespace mkdt
