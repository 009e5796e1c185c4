// norm_relu_pool on a CPU: the loops of norm_relu_pool_planes.h, over planes in threads.
#include <algorithm>

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>

#include "mkdt/nn/ops/norm_relu_pool_parts.h"
#include "mkdt/nn/ops/norm_relu_pool_planes.h"

namespace mkdt {
namespace {

using torch::Tensor;

constexpr int64_t kGrain = 16384;  // values of x that are worth a thread

Tensor pooled_like(const Tensor& x) {
  return at::empty({x.size(0), x.size(1), x.size(2) / 2, x.size(3) / 2}, x.options());
}
Tensor per_plane(const Tensor& x) { return at::empty({x.size(0), x.size(1)}, x.options()); }

template <typename T>
NormPlanes<T> planes_of(const NormReluPoolSaved& saved) {
  const Tensor& x = saved.x;
  return {x.size(1),
          x.size(2),
          x.size(3),
          x.data_ptr<T>(),
          saved.gamma.data_ptr<T>(),
          saved.beta.data_ptr<T>(),
          saved.mean.data_ptr<T>(),
          saved.rstd.data_ptr<T>()};
}

// Calls sweep(begin, end) for ranges that make up all planes of x.
template <typename Sweep>
void over_planes(const Tensor& x, const Sweep& sweep) {
  const int64_t values = std::max<int64_t>(x.size(2) * x.size(3), 1);
  const int64_t grain = std::max<int64_t>(kGrain / values, 1);
  at::parallel_for(0, x.size(0) * x.size(1), grain, sweep);
}

Tensor value(NormReluPoolSaved& saved, double eps) {
  saved.mean = per_plane(saved.x);
  saved.rstd = per_plane(saved.x);
  const Tensor pooled = pooled_like(saved.x);
  AT_DISPATCH_FLOATING_TYPES(saved.x.scalar_type(), "norm_relu_pool", [&] {
    const auto planes = planes_of<scalar_t>(saved);
    over_planes(saved.x, [&](int64_t begin, int64_t end) {
      pooled_planes(planes, static_cast<scalar_t>(eps), pooled.data_ptr<scalar_t>(), begin, end);
    });
  });
  return pooled;
}

std::array<Tensor, 3> gradient(const NormReluPoolSaved& saved, const Tensor& gp_any) {
  const Tensor gp = gp_any.contiguous();
  const Tensor gx = at::empty_like(saved.x), ggamma = per_plane(saved.x),
               gbeta = per_plane(saved.x);
  AT_DISPATCH_FLOATING_TYPES(saved.x.scalar_type(), "norm_relu_pool", [&] {
    const auto planes = planes_of<scalar_t>(saved);
    const PlaneGradients<scalar_t> gradients = {gp.data_ptr<scalar_t>(), gx.data_ptr<scalar_t>(),
                                                ggamma.data_ptr<scalar_t>(),
                                                gbeta.data_ptr<scalar_t>()};
    over_planes(saved.x, [&](int64_t begin, int64_t end) {
      gradient_planes(planes, gradients, begin, end);
    });
  });
  return {gx, ggamma.sum(0), gbeta.sum(0)};
}

std::array<Tensor, 3> second_gradient(const NormReluPoolSaved& saved, const Tensor& gp_any,
                                      const Tensor& v_any, const Tensor& vgamma_any,
                                      const Tensor& vbeta_any) {
  const Tensor gp = gp_any.contiguous(), v = v_any.contiguous(), vgamma = vgamma_any.contiguous(),
               vbeta = vbeta_any.contiguous();
  const Tensor ggp = at::empty_like(gp), gx = at::empty_like(saved.x), ggamma = per_plane(saved.x);
  AT_DISPATCH_FLOATING_TYPES(saved.x.scalar_type(), "norm_relu_pool", [&] {
    const auto planes = planes_of<scalar_t>(saved);
    const PlaneSecondGradients<scalar_t> gradients = {
        gp.data_ptr<scalar_t>(),    v.data_ptr<scalar_t>(),   vgamma.data_ptr<scalar_t>(),
        vbeta.data_ptr<scalar_t>(), ggp.data_ptr<scalar_t>(), gx.data_ptr<scalar_t>(),
        ggamma.data_ptr<scalar_t>()};
    over_planes(saved.x, [&](int64_t begin, int64_t end) {
      second_gradient_planes(planes, gradients, begin, end);
    });
  });
  return {ggp, gx, ggamma.sum(0)};
}

}  // namespace

const NormReluPoolParts kNormReluPoolLoops = {value, gradient, second_gradient};

}  // namespace mkdt
