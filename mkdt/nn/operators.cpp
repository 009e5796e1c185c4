#include "mkdt/nn/operators.h"

namespace mkdt {
namespace {

torch::Tensor rounded(const torch::Tensor& factor) { return factor.to(torch::kBFloat16); }

}  // namespace

torch::Tensor convolve(Operators operators, const torch::Tensor& x, const torch::Tensor& weight,
                       const torch::Tensor& bias, const ConvolutionSteps& steps) {
  switch (operators) {
    case Operators::kStock:
      return torch::conv2d(x, weight, bias, steps.stride, steps.padding_for(weight.size(2)),
                           /*dilation=*/1, steps.groups);
    case Operators::kFused:
      return convolution(x, weight, bias, steps);
    case Operators::kBfloat16:
      break;
  }
  const torch::Tensor y = convolution(rounded(x), rounded(weight), {}, steps).to(x.scalar_type());
  return bias.defined() ? y + bias.view({1, -1, 1, 1}) : y;
}

torch::Tensor apply_linear(Operators operators, const torch::Tensor& x, const torch::Tensor& weight,
                           const torch::Tensor& bias) {
  if (operators != Operators::kBfloat16) return torch::linear(x, weight, bias);
  return torch::linear(rounded(x), rounded(weight)).to(x.scalar_type()) + bias;
}

}  // namespace mkdt
