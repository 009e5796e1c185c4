#include "mkdt/nn/backbones/mixed_precision.h"

#include <cmath>

#include "mkdt/nn/ops/operators.h"

namespace mkdt {

Convolution::Convolution(int64_t in, int64_t out, int64_t kernel, int64_t stride,
                         at::Generator& generator)
    : stride_(stride) {
  const double std = std::sqrt(2.0 / static_cast<double>(out * kernel * kernel));
  weight_ = register_parameter("weight",
                               torch::empty({out, in, kernel, kernel}).normal_(0, std, generator));
}

torch::Tensor Convolution::forward(const torch::Tensor& x) {
  const torch::Tensor weight = weight_.to(x.scalar_type());
  if (weight.size(2) > 1 || stride_ == 1) return convolution(x, weight, {}, {stride_});
  // A strided 1×1 kernel sees every stride-th pixel. These are taken here: the gradient of such a
  // weight from oneDNN 2.6 with AVX-512 writes out of bounds where there are fewer than 16
  // channels, the layout is channels-last and threads do not share the batch evenly.
  return convolution(x.slice(2, 0, {}, stride_).slice(3, 0, {}, stride_), weight, {});
}

Linear::Linear(int64_t in, int64_t out, at::Generator& generator)
    : weight_(register_parameter("weight", torch::empty({out, in}).normal_(0, 0.02, generator))),
      bias_(register_parameter("bias", torch::zeros({out}))) {}

torch::Tensor Linear::forward(const torch::Tensor& x) const {
  return at::linear(x, weight_.to(x.scalar_type()), bias_.to(x.scalar_type()));
}

}  // namespace mkdt
