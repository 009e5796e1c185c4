// The small network between an encoder's features and a self-supervised objective.
#pragma once

#include <vector>

#include <ATen/Generator.h>
#include <torch/nn/modules/container/sequential.h>

namespace mkdt {

// Linear layers without bias of the given output `dims`, batch norm and ReLU after all but the
// last. Drawn from `generator`: uniform in ± 1/√inputs.
torch::nn::Sequential make_projector(int64_t inputs, const std::vector<int64_t>& dims,
                                     at::Generator& generator);

}  // namespace mkdt
