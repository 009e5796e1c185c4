#include "mkdt/nn/typed_layers.h"

#include <cmath>

namespace mkdt {

Convolution::Convolution(int64_t in, int64_t out, int64_t kernel, int64_t stride,
                         at::Generator& generator)
    : stride_(stride), padding_(kernel / 2) {
  const double std = std::sqrt(2.0 / static_cast<double>(out * kernel * kernel));
  weight_ = register_parameter("weight",
                               torch::empty({out, in, kernel, kernel}).normal_(0, std, generator));
}

torch::Tensor Convolution::forward(const torch::Tensor& x) {
  return at::conv2d(x, weight_.to(x.scalar_type()), {}, stride_, padding_);
}

Linear::Linear(int64_t in, int64_t out, at::Generator& generator)
    : weight_(register_parameter("weight", torch::empty({out, in}).normal_(0, 0.02, generator))),
      bias_(register_parameter("bias", torch::zeros({out}))) {}

torch::Tensor Linear::forward(const torch::Tensor& x) const {
  return at::linear(x, weight_.to(x.scalar_type()), bias_.to(x.scalar_type()));
}

}  // namespace mkdt
