#include "mkdt/ssl/projector.h"

#include <cmath>

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>
#include <torch/utils.h>

namespace mkdt {
namespace nn = torch::nn;

torch::nn::Sequential make_projector(int64_t inputs, const std::vector<int64_t>& dims,
                                     at::Generator& generator) {
  const torch::NoGradGuard no_grad;
  nn::Sequential layers;
  for (size_t i = 0; i < dims.size(); ++i) {
    nn::Linear linear(nn::LinearOptions(inputs, dims[i]).bias(false));
    const double bound = 1 / std::sqrt(static_cast<double>(inputs));
    linear->weight.uniform_(-bound, bound, generator);
    layers->push_back(linear);
    if (i + 1 < dims.size()) {
      layers->push_back(nn::BatchNorm1d(dims[i]));
      layers->push_back(nn::ReLU(nn::ReLUOptions().inplace(true)));
    }
    inputs = dims[i];
  }
  return layers;
}

}  // namespace mkdt
