// What updates an encoder's parameters: AdamW, SGD or LARS.
#pragma once

#include <memory>
#include <vector>

#include <torch/optim/optimizer.h>

#include "mkdt/ssl/optimiser_options.h"

namespace mkdt {

// Whether a parameter has weight decay, and a rate of its own under LARS: matrices and kernels; not
// norms and biases, nor a transformer's class token and positions, whose first size is 1.
bool decays(const torch::Tensor& parameter);

// Over the parameters that require a gradient, in two groups: those that decay, and the others.
// LARS is SGD here, without decay: call scale_gradients before each step.
std::unique_ptr<torch::optim::Optimizer> make_optimiser(
    const std::vector<torch::Tensor>& parameters, const OptimiserOptions& options, double lr);

void set_learning_rate(torch::optim::Optimizer& optimiser, double lr);

// Layer-wise adaptive rates (arXiv 1708.03888, algorithm 1): the gradient g of each w that decays
// becomes η ‖w‖ / ‖g + βw‖ · (g + βw), with β the weight decay and the trust coefficient η = 1e-3;
// as it is where a norm is 0. Departures: the paper has ‖g‖ + β‖w‖ below the line, which is at
// least as large, and multiplies by the rate before the momentum and not after.
void scale_gradients(const std::vector<torch::Tensor>& parameters, double weight_decay);

}  // namespace mkdt
