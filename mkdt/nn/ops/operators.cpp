#include "mkdt/nn/ops/operators.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "mkdt/base/threads.h"

namespace mkdt {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr const char* kSteps = "steps";

void save(AutogradContext* context, const ConvolutionSteps& steps) {
  context->saved_data[kSteps] = std::vector<int64_t>{steps.stride, steps.padding, steps.groups};
}

ConvolutionSteps saved_steps(AutogradContext* context) {
  const std::vector<int64_t> steps = context->saved_data[kSteps].toIntVector();
  return {steps[0], steps[1], steps[2]};
}

std::vector<int64_t> padding(const ConvolutionSteps& steps, const Tensor& weight) {
  return {steps.padding_for(weight.size(2)), steps.padding_for(weight.size(3))};
}

// Computes one of the two gradients of a convolution. Of the operand whose gradient it is, only the
// shape matters.
template <size_t kWhich>
Tensor stock_gradient(const Tensor& gy, const Tensor& x, const Tensor& weight,
                      const ConvolutionSteps& steps) {
  std::array<bool, 3> wanted = {};
  wanted[kWhich] = true;
  return std::get<kWhich>(at::convolution_backward(
      gy, x, weight, /*bias_sizes=*/at::OptionalIntArrayRef(), {steps.stride, steps.stride},
      padding(steps, weight), /*dilation=*/{1, 1}, /*transposed=*/false,
      /*output_padding=*/{0, 0}, steps.groups, wanted));
}

// Sums by shares of the batch, one a thread where they are worth meeting for, in their order.
// oneDNN's own threads would wait for each other in a loop inside the kernel that never yields, so
// that one busy core stops the others.
Tensor shared_weight_gradient(const Tensor& gy, const Tensor& x, at::IntArrayRef weight_shape,
                              const ConvolutionSteps& steps) {
  constexpr double kShare = 5e7;  // floating-point operations, at least
  const Tensor shape = at::empty(weight_shape, x.options());
  if (!x.is_cpu()) return stock_gradient<1>(gy, x, shape, steps);
  const int64_t batch = x.size(0);
  const double flops = 2.0 * static_cast<double>(shape.numel() * batch * gy.size(2) * gy.size(3));
  const auto worth = static_cast<int64_t>(std::min(flops / kShare, 1e6));
  const int64_t shares = std::min<int64_t>({batch, at::get_num_threads(), worth});
  if (shares <= 1) {
    const ThreadsOfOperators one(1);
    return stock_gradient<1>(gy, x, shape, steps);
  }
  std::vector<Tensor> sums(static_cast<size_t>(shares));
  share_out(shares, [&](int64_t share, int64_t /*thread*/) {
    const int64_t begin = share * batch / shares, end = (share + 1) * batch / shares;
    sums[static_cast<size_t>(share)] =
        stock_gradient<1>(gy.slice(0, begin, end), x.slice(0, begin, end), shape, steps);
  });
  for (size_t share = 1; share < sums.size(); ++share) sums[0].add_(sums[share]);
  return sums[0];
}

// y(x, w) = w ∗ x
struct Forward : Function<Forward> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight,
                        const ConvolutionSteps& steps) {
    save(context, steps);
    context->save_for_backward({x, weight});
    return at::convolution(
        x, weight, /*bias=*/{}, {steps.stride, steps.stride}, padding(steps, weight),
        /*dilation=*/{1, 1}, /*transposed=*/false, /*output_padding=*/{0, 0}, steps.groups);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients);
};

// ∂⟨gy, w ∗ x⟩/∂x, of shape `x_shape`; bilinear in (gy, w).
struct InputGradient : Function<InputGradient> {
  static Tensor forward(AutogradContext* context, const Tensor& gy, const Tensor& weight,
                        at::IntArrayRef x_shape, const ConvolutionSteps& steps) {
    save(context, steps);
    context->save_for_backward({gy, weight});
    return stock_gradient<0>(gy, at::empty(x_shape, gy.options(), gy.suggest_memory_format()),
                             weight, steps);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients);
};

// ∂⟨gy, w ∗ x⟩/∂w, of shape `weight_shape`; bilinear in (gy, x).
struct WeightGradient : Function<WeightGradient> {
  static Tensor forward(AutogradContext* context, const Tensor& gy, const Tensor& x,
                        at::IntArrayRef weight_shape, const ConvolutionSteps& steps) {
    save(context, steps);
    context->save_for_backward({gy, x});
    return shared_weight_gradient(gy, x, weight_shape, steps);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients);
};

variable_list Forward::backward(AutogradContext* context, const variable_list& gradients) {
  const ConvolutionSteps steps = saved_steps(context);
  const variable_list saved = context->get_saved_variables();
  const Tensor &gy = gradients[0], &x = saved[0], &weight = saved[1];
  return {
      context->needs_input_grad(0) ? InputGradient::apply(gy, weight, x.sizes(), steps) : Tensor(),
      context->needs_input_grad(1) ? WeightGradient::apply(gy, x, weight.sizes(), steps) : Tensor(),
      Tensor()};
}

variable_list InputGradient::backward(AutogradContext* context, const variable_list& gradients) {
  const ConvolutionSteps steps = saved_steps(context);
  const variable_list saved = context->get_saved_variables();
  const Tensor &v = gradients[0], &gy = saved[0], &weight = saved[1];
  return {
      context->needs_input_grad(0) ? Forward::apply(v, weight, steps) : Tensor(),
      context->needs_input_grad(1) ? WeightGradient::apply(gy, v, weight.sizes(), steps) : Tensor(),
      Tensor(), Tensor()};
}

variable_list WeightGradient::backward(AutogradContext* context, const variable_list& gradients) {
  const ConvolutionSteps steps = saved_steps(context);
  const variable_list saved = context->get_saved_variables();
  const Tensor &u = gradients[0], &gy = saved[0], &x = saved[1];
  return {context->needs_input_grad(0) ? Forward::apply(x, u, steps) : Tensor(),
          context->needs_input_grad(1) ? InputGradient::apply(gy, u, x.sizes(), steps) : Tensor(),
          Tensor(), Tensor()};
}

}  // namespace

Tensor convolution(const Tensor& x, const Tensor& weight, const Tensor& bias,
                   const ConvolutionSteps& steps) {
  const bool odd = weight.size(2) % 2 == 1 && weight.size(3) % 2 == 1;
  if (steps.padding == ConvolutionSteps::kSame && !odd) {
    throw std::invalid_argument("convolution: the kernel's sides must be odd");
  }
  const Tensor y = Forward::apply(x, weight, steps);
  return bias.defined() ? y + bias.view({-1, 1, 1}) : y;
}

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
