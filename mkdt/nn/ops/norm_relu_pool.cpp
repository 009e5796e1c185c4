#include "mkdt/nn/ops/norm_relu_pool.h"

#include <algorithm>
#include <stdexcept>

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "mkdt/nn/ops/norm_relu_pool_planes.h"

namespace mkdt {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr int64_t kGrain = 16384;  // values of x that are worth a thread

Tensor pooled_like(const Tensor& x) {
  return at::empty({x.size(0), x.size(1), x.size(2) / 2, x.size(3) / 2}, x.options());
}
Tensor per_plane(const Tensor& x) { return at::empty({x.size(0), x.size(1)}, x.options()); }

template <typename T>
NormPlanes<T> planes_of(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                        const Tensor& mean, const Tensor& rstd) {
  return {x.size(1),           x.size(2),          x.size(3),          x.data_ptr<T>(),
          gamma.data_ptr<T>(), beta.data_ptr<T>(), mean.data_ptr<T>(), rstd.data_ptr<T>()};
}

// Calls sweep(begin, end) for ranges that make up all planes of x.
template <typename Sweep>
void over_planes(const Tensor& x, const Sweep& sweep) {
  const int64_t values = std::max<int64_t>(x.size(2) * x.size(3), 1);
  const int64_t grain = std::max<int64_t>(kGrain / values, 1);
  at::parallel_for(0, x.size(0) * x.size(1), grain, sweep);
}

// ∂⟨gp, p⟩/∂(x, γ, β) as a function of (gp, x, γ, β); mean and rstd [B,C] are those of x.
struct NormReluPoolGradient : Function<NormReluPoolGradient> {
  static variable_list forward(AutogradContext* context, const Tensor& gp, const Tensor& x,
                               const Tensor& gamma, const Tensor& beta, const Tensor& mean,
                               const Tensor& rstd) {
    context->save_for_backward({gp, x, gamma, beta, mean, rstd});
    const Tensor gx = at::empty_like(x), ggamma = per_plane(x), gbeta = per_plane(x);
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "norm_relu_pool", [&] {
      const auto planes = planes_of<scalar_t>(x, gamma, beta, mean, rstd);
      const PlaneGradients<scalar_t> gradients = {gp.data_ptr<scalar_t>(), gx.data_ptr<scalar_t>(),
                                                  ggamma.data_ptr<scalar_t>(),
                                                  gbeta.data_ptr<scalar_t>()};
      over_planes(
          x, [&](int64_t begin, int64_t end) { gradient_planes(planes, gradients, begin, end); });
    });
    return {gx, ggamma.sum(0), gbeta.sum(0)};
  }

  static variable_list backward(AutogradContext* context, const variable_list& cotangents) {
    if (at::GradMode::is_enabled()) {
      throw std::logic_error("norm_relu_pool has no third derivative");
    }
    const variable_list saved = context->get_saved_variables();
    const Tensor &gp = saved[0], &x = saved[1], &gamma = saved[2], &beta = saved[3];
    const Tensor v = cotangents[0].contiguous(), vgamma = cotangents[1].contiguous(),
                 vbeta = cotangents[2].contiguous();
    const Tensor ggp = at::empty_like(gp), gx = at::empty_like(x), ggamma = per_plane(x);
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "norm_relu_pool", [&] {
      const auto planes = planes_of<scalar_t>(x, gamma, beta, saved[4], saved[5]);
      const PlaneSecondGradients<scalar_t> gradients = {
          gp.data_ptr<scalar_t>(),    v.data_ptr<scalar_t>(),   vgamma.data_ptr<scalar_t>(),
          vbeta.data_ptr<scalar_t>(), ggp.data_ptr<scalar_t>(), gx.data_ptr<scalar_t>(),
          ggamma.data_ptr<scalar_t>()};
      over_planes(x, [&](int64_t begin, int64_t end) {
        second_gradient_planes(planes, gradients, begin, end);
      });
    });
    return {ggp, gx, ggamma.sum(0), at::zeros_like(beta), Tensor(), Tensor()};
  }
};

struct NormReluPool : Function<NormReluPool> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& gamma,
                        const Tensor& beta, double eps) {
    const Tensor pooled = pooled_like(x), mean = per_plane(x), rstd = per_plane(x);
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "norm_relu_pool", [&] {
      const auto planes = planes_of<scalar_t>(x, gamma, beta, mean, rstd);
      over_planes(x, [&](int64_t begin, int64_t end) {
        pooled_planes(planes, static_cast<scalar_t>(eps), pooled.data_ptr<scalar_t>(), begin, end);
      });
    });
    context->save_for_backward({x, gamma, beta, mean, rstd});
    return pooled;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const variable_list result = NormReluPoolGradient::apply(
        gradients[0].contiguous(), saved[0], saved[1], saved[2], saved[3], saved[4]);
    return {result[0], result[1], result[2], Tensor()};
  }
};

}  // namespace

Tensor norm_relu_pool(const Tensor& x, const Tensor& gamma, const Tensor& beta, double eps) {
  if (!x.is_cpu()) return norm_relu_pool_tensors(x, gamma, beta, eps);
  return NormReluPool::apply(x.contiguous(), gamma.contiguous(), beta.contiguous(), eps);
}

Tensor norm_relu_pool_plain(const Tensor& x, const Tensor& gamma, const Tensor& beta, double eps) {
  const Tensor y = at::group_norm(x, /*num_groups=*/x.size(1), gamma, beta, eps);
  return at::avg_pool2d(at::relu(y), /*kernel_size=*/2);
}

}  // namespace mkdt
