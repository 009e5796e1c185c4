#include "mkdt/nn/ops/convolution.h"

#include <array>
#include <stdexcept>
#include <vector>

#include <torch/csrc/autograd/custom_function.h>

namespace mkdt {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr const char* kStride = "stride";

std::vector<int64_t> same_padding(at::IntArrayRef weight) {
  return {(weight[2] - 1) / 2, (weight[3] - 1) / 2};
}

// One of the two gradients of a convolution; the values of the operand it is the gradient of do
// not matter, only its shape.
template <size_t kWhich>
Tensor stock_gradient(const Tensor& gy, const Tensor& x, const Tensor& weight, int64_t stride) {
  std::array<bool, 3> wanted = {};
  wanted[kWhich] = true;
  return std::get<kWhich>(at::convolution_backward(
      gy, x, weight, /*bias_sizes=*/at::OptionalIntArrayRef(), {stride, stride},
      same_padding(weight.sizes()), /*dilation=*/{1, 1}, /*transposed=*/false,
      /*output_padding=*/{0, 0}, /*groups=*/1, wanted));
}

// y(x, w) = w ∗ x
struct Forward : Function<Forward> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight,
                        int64_t stride) {
    context->saved_data[kStride] = stride;
    context->save_for_backward({x, weight});
    return at::convolution(x, weight, /*bias=*/{}, {stride, stride}, same_padding(weight.sizes()),
                           /*dilation=*/{1, 1}, /*transposed=*/false, /*output_padding=*/{0, 0},
                           /*groups=*/1);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients);
};

// ∂⟨gy, w ∗ x⟩/∂x, of shape `x_shape`; bilinear in (gy, w).
struct InputGradient : Function<InputGradient> {
  static Tensor forward(AutogradContext* context, const Tensor& gy, const Tensor& weight,
                        at::IntArrayRef x_shape, int64_t stride) {
    context->saved_data[kStride] = stride;
    context->save_for_backward({gy, weight});
    return stock_gradient<0>(gy, at::empty(x_shape, gy.options()), weight, stride);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients);
};

// ∂⟨gy, w ∗ x⟩/∂w, of shape `weight_shape`; bilinear in (gy, x).
struct WeightGradient : Function<WeightGradient> {
  static Tensor forward(AutogradContext* context, const Tensor& gy, const Tensor& x,
                        at::IntArrayRef weight_shape, int64_t stride) {
    context->saved_data[kStride] = stride;
    context->save_for_backward({gy, x});
    return stock_gradient<1>(gy, x, at::empty(weight_shape, x.options()), stride);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients);
};

variable_list Forward::backward(AutogradContext* context, const variable_list& gradients) {
  const int64_t stride = context->saved_data[kStride].toInt();
  const variable_list saved = context->get_saved_variables();
  const Tensor &gy = gradients[0], &x = saved[0], &weight = saved[1];
  return {
      context->needs_input_grad(0) ? InputGradient::apply(gy, weight, x.sizes(), stride) : Tensor(),
      context->needs_input_grad(1) ? WeightGradient::apply(gy, x, weight.sizes(), stride)
                                   : Tensor(),
      Tensor()};
}

variable_list InputGradient::backward(AutogradContext* context, const variable_list& gradients) {
  const int64_t stride = context->saved_data[kStride].toInt();
  const variable_list saved = context->get_saved_variables();
  const Tensor &v = gradients[0], &gy = saved[0], &weight = saved[1];
  return {context->needs_input_grad(0) ? Forward::apply(v, weight, stride) : Tensor(),
          context->needs_input_grad(1) ? WeightGradient::apply(gy, v, weight.sizes(), stride)
                                       : Tensor(),
          Tensor(), Tensor()};
}

variable_list WeightGradient::backward(AutogradContext* context, const variable_list& gradients) {
  const int64_t stride = context->saved_data[kStride].toInt();
  const variable_list saved = context->get_saved_variables();
  const Tensor &u = gradients[0], &gy = saved[0], &x = saved[1];
  return {context->needs_input_grad(0) ? Forward::apply(x, u, stride) : Tensor(),
          context->needs_input_grad(1) ? InputGradient::apply(gy, u, x.sizes(), stride) : Tensor(),
          Tensor(), Tensor()};
}

}  // namespace

Tensor convolution(const Tensor& x, const Tensor& weight, const Tensor& bias, int64_t stride) {
  if (weight.dim() != 4 || weight.size(2) % 2 == 0 || weight.size(3) % 2 == 0) {
    throw std::invalid_argument("convolution: the kernel's sides must be odd");
  }
  const Tensor y = Forward::apply(x, weight, stride);
  return bias.defined() ? y + bias.view({-1, 1, 1}) : y;
}

}  // namespace mkdt
