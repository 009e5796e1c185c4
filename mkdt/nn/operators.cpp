#include "mkdt/nn/operators.h"

#include "mkdt/nn/ops/convolution.h"

namespace mkdt {
namespace {

torch::Tensor rounded(const torch::Tensor& factor) { return factor.to(torch::kBFloat16); }

}  // namespace

torch::Tensor convolve(Operators operators, const torch::Tensor& x, const torch::Tensor& weight,
                       const torch::Tensor& bias, int64_t stride) {
  switch (operators) {
    case Operators::kStock:
      return torch::conv2d(x, weight, bias, stride, /*padding=*/weight.size(2) / 2);
    case Operators::kFused:
      return convolution(x, weight, bias, stride);
    case Operators::kBfloat16:
      break;
  }
  const torch::Tensor y = convolution(rounded(x), rounded(weight), {}, stride).to(x.scalar_type());
  return bias.defined() ? y + bias.view({1, -1, 1, 1}) : y;
}

torch::Tensor apply_linear(Operators operators, const torch::Tensor& x, const torch::Tensor& weight,
                           const torch::Tensor& bias) {
  if (operators != Operators::kBfloat16) return torch::linear(x, weight, bias);
  return torch::linear(rounded(x), rounded(weight)).to(x.scalar_type()) + bias;
}

}  // namespace mkdt
