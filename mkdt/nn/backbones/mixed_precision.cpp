#include "mkdt/nn/backbones/mixed_precision.h"

#include <cmath>
#include <stdexcept>

#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include "mkdt/nn/native/isa.h"
#include "mkdt/nn/ops/operators.h"
#include "mkdt/nn/residual/linear_map.h"

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

struct ProjectionLinear::Kernel : torch::CustomClassHolder {
  Kernel(int64_t in, int64_t out) : map(in, out, native::chosen_isa()) {}
  residual::LinearMap map;
};

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

template <typename Kernel>
struct NarrowProduct : torch::autograd::Function<NarrowProduct<Kernel>> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& weight,
                               const c10::intrusive_ptr<Kernel>& kernel) {
    context->save_for_backward({x, weight});
    context->saved_data["kernel"] = c10::IValue::make_capsule(kernel);
    return kernel->map.forward(x, weight);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    if (at::GradMode::is_enabled()) {
      throw std::logic_error("a projection in bfloat16 has no second derivative");
    }
    const variable_list saved = context->get_saved_variables();
    const auto kernel =
        c10::static_intrusive_pointer_cast<Kernel>(context->saved_data["kernel"].toCapsule());
    const auto found = kernel->map.backward(saved[0], saved[1], gradients[0]);
    return {found.x, found.weight, torch::Tensor()};
  }
};

}  // namespace

ProjectionLinear::ProjectionLinear(int64_t in, int64_t out, at::Generator& generator) {
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  weight_ =
      register_parameter("weight", torch::empty({out, in}).uniform_(-bound, bound, generator));
}

ProjectionLinear::~ProjectionLinear() = default;

torch::Tensor ProjectionLinear::forward(const torch::Tensor& x, bool mixed_precision) {
  if (stock_only || !mixed_precision || !x.is_cpu() || x.scalar_type() != torch::kFloat32 ||
      native::chosen_isa() != native::Isa::kAmx) {
    return at::linear(x, weight_);
  }
  if (!kernel_) kernel_ = c10::make_intrusive<Kernel>(weight_.size(1), weight_.size(0));
  return NarrowProduct<Kernel>::apply(x, weight_, kernel_);
}

}  // namespace mkdt
