// The small network between an encoder's features and a self-supervised objective.
#pragma once

#include <ATen/Generator.h>
#include <torch/nn/modules/container/sequential.h>

namespace mkdt {

struct ProjectorShape {
  int64_t layers = 3;  // linear ones, the last included; at least 1
  int64_t hidden = 2048;
  int64_t output = 2048;
};

// Linear layers without bias, batch norm and ReLU after all but the last. Drawn from `generator`:
// uniform in ± 1/√inputs.
torch::nn::Sequential make_projector(int64_t inputs, const ProjectorShape& shape,
                                     at::Generator& generator);

}  // namespace mkdt
