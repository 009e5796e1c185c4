#include "mkdt/nn/ops/norm_relu_pool.h"

#include <stdexcept>

#include <torch/csrc/autograd/custom_function.h>

#include "mkdt/base/cuda_program.h"
#include "mkdt/nn/ops/norm_relu_pool_parts.h"

namespace mkdt {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// ∂⟨gp, p⟩/∂(x, γ, β) as a function of (gp, x, γ, β); mean and rstd are those of x.
template <const NormReluPoolParts& kParts>
struct Gradient : Function<Gradient<kParts>> {
  static variable_list forward(AutogradContext* context, const Tensor& gp, const Tensor& x,
                               const Tensor& gamma, const Tensor& beta, const Tensor& mean,
                               const Tensor& rstd) {
    context->save_for_backward({gp, x, gamma, beta, mean, rstd});
    const auto found = kParts.gradient({x, gamma, beta, mean, rstd}, gp);
    return {found[0], found[1], found[2]};
  }

  static variable_list backward(AutogradContext* context, const variable_list& cotangents) {
    if (at::GradMode::is_enabled()) {
      throw std::logic_error("norm_relu_pool has no third derivative");
    }
    const variable_list saved = context->get_saved_variables();
    const auto found =
        kParts.second_gradient({saved[1], saved[2], saved[3], saved[4], saved[5]}, saved[0],
                               cotangents[0], cotangents[1], cotangents[2]);
    return {found[0], found[1], found[2], at::zeros_like(saved[3]), Tensor(), Tensor()};
  }
};

template <const NormReluPoolParts& kParts>
struct Value : Function<Value<kParts>> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& gamma,
                        const Tensor& beta, double eps) {
    NormReluPoolSaved saved = {x, gamma, beta, {}, {}};
    const Tensor value = kParts.value(saved, eps);
    context->save_for_backward({x, gamma, beta, saved.mean, saved.rstd});
    return value;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const variable_list found =
        Gradient<kParts>::apply(gradients[0], saved[0], saved[1], saved[2], saved[3], saved[4]);
    return {found[0], found[1], found[2], Tensor()};
  }
};

}  // namespace

Tensor norm_relu_pool(const Tensor& x, const Tensor& gamma, const Tensor& beta, double eps) {
  if (x.is_cpu()) {
    return Value<kNormReluPoolLoops>::apply(x.contiguous(), gamma.contiguous(), beta.contiguous(),
                                            eps);
  }
  if (x.is_cuda() && cuda_program_fault().empty()) {
    return Value<kNormReluPoolCuda>::apply(x.contiguous(x.suggest_memory_format()),
                                           gamma.contiguous(), beta.contiguous(), eps);
  }
  return norm_relu_pool_tensors(x, gamma, beta, eps);
}

Tensor norm_relu_pool_tensors(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                              double eps) {
  return Value<kNormReluPoolTensors>::apply(x, gamma, beta, eps);
}

Tensor norm_relu_pool_plain(const Tensor& x, const Tensor& gamma, const Tensor& beta, double eps) {
  const Tensor y = at::group_norm(x, /*num_groups=*/x.size(1), gamma, beta, eps);
  return at::avg_pool2d(at::relu(y), /*kernel_size=*/2);
}

}  // namespace mkdt
