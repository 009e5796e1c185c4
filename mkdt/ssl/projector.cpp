#include "mkdt/ssl/projector.h"

#include <cmath>

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>
#include <torch/utils.h>

namespace mkdt {
namespace nn = torch::nn;

torch::nn::Sequential make_projector(int64_t inputs, const ProjectorShape& shape,
                                     at::Generator& generator) {
  const torch::NoGradGuard no_grad;
  nn::Sequential layers;
  for (int64_t i = 1; i <= shape.layers; ++i) {
    const bool last = i == shape.layers;
    const int64_t outputs = last ? shape.output : shape.hidden;
    nn::Linear linear(nn::LinearOptions(inputs, outputs).bias(false));
    const double bound = 1 / std::sqrt(static_cast<double>(inputs));
    linear->weight.uniform_(-bound, bound, generator);
    layers->push_back(linear);
    if (last) break;
    layers->push_back(nn::BatchNorm1d(outputs));
    layers->push_back(nn::ReLU(nn::ReLUOptions().inplace(true)));
    inputs = outputs;
  }
  return layers;
}

}  // namespace mkdt
