// Updates a teacher's parameters: AdamW, SGD or LARS over one flat vector.
#pragma once

#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/io/safetensors.h"
#include "mkdt/ssl/teacher_options.h"

namespace mkdt {

// Tells whether a parameter has weight decay, and a rate of its own under LARS: matrices and
// kernels do; norms and biases, a transformer's class token and positions, whose first size is 1,
// do not.
bool decays(const torch::Tensor& parameter);

// Scales gradients by layer-wise adaptive rates (arXiv 1708.03888, algorithm 1): the gradient g of
// each w that decays becomes η ‖w‖ / ‖g + βw‖ · (g + βw), with β the weight decay and the trust
// coefficient η = 1e-3; it stays as it is where a norm is 0. Departures: the paper has ‖g‖ + β‖w‖
// below the line, which is at least as large, and multiplies by the rate before the momentum and
// not after.
void scale_gradients(const std::vector<torch::Tensor>& parameters, double weight_decay);

// Holds parameters, gradients and moments one behind the other, those that decay first, so that a
// step is few operators over long vectors.
class Optimiser {
 public:
  // Moves the data of those parameters that require a gradient, all of one type and device, into
  // the flat vector; their gradients are part of another, zero where there is none yet.
  Optimiser(const std::vector<torch::Tensor>& parameters, const OptimiserOptions& options);

  // Takes one step down the gradients. AdamW (arXiv 1711.05101, algorithm 2) and SGD with momentum
  // are computed as PyTorch does, LARS is SGD without decay after scale_gradients.
  void step(double lr);

  // Writes steps and moments, under names that begin with `prefix`, and reads them back. Throws
  // Error naming the file if they are missing or of another size.
  void put(TensorFile& file, const std::string& prefix) const;
  void take(const TensorFile& file, const std::string& prefix);

 private:
  void step_adamw(double lr, int64_t begin, int64_t end, double weight_decay);
  void step_sgd(double lr, int64_t begin, int64_t end, double weight_decay);

  OptimiserOptions options_;
  std::vector<torch::Tensor> parameters_;  // the trained ones
  int64_t decaying_;                       // values of the flat vectors that decay
  torch::Tensor values_, gradients_;       // [P]
  torch::Tensor first_, second_;           // [P]: moments; SGD has the first only, its velocity
  int64_t steps_ = 0;
};

}  // namespace mkdt
