// norm_relu_pool of whole tensors: the formulas of norm_relu_pool_planes.h in PyTorch's operators,
// for devices for which there are no loops of our own. Against a graph of stock operators it saves
// the graph behind the second derivative, which keeps every intermediate tensor.
#include "mkdt/nn/ops/norm_relu_pool_parts.h"

namespace mkdt {
namespace {

using torch::Tensor;

Tensor plane_mean(const Tensor& x) { return x.mean({2, 3}, /*keepdim=*/true); }
Tensor channel_sum(const Tensor& x) { return x.sum(at::IntArrayRef({0, 2, 3})); }
Tensor over_plane(const Tensor& channels) { return channels.view({1, -1, 1, 1}); }
Tensor pooled(const Tensor& x) { return at::avg_pool2d(x, /*kernel_size=*/2); }

// Computes ŷ and m·gp from what the value's pass kept.
struct Plane {
  explicit Plane(const NormReluPoolSaved& saved)
      : y((saved.x - saved.mean) * saved.rstd),
        positive(over_plane(saved.gamma) * y + over_plane(saved.beta) > 0) {}

  // gz = m gp
  Tensor spread(const Tensor& gp) const {
    return at::avg_pool2d_backward(gp, y, {2, 2}, {2, 2}, {0, 0}, /*ceil_mode=*/false,
                                   /*count_include_pad=*/true,
                                   /*divisor_override=*/{}) *
           positive;
  }

  Tensor y, positive;
};

Tensor value(NormReluPoolSaved& saved, double eps) {
  saved.mean = plane_mean(saved.x);
  const Tensor centred = saved.x - saved.mean;
  saved.rstd = (plane_mean(centred.square()) + eps).rsqrt();
  return pooled(
      at::relu(over_plane(saved.gamma) * (centred * saved.rstd) + over_plane(saved.beta)));
}

std::array<Tensor, 3> gradient(const NormReluPoolSaved& saved, const Tensor& gp) {
  const Plane plane(saved);
  const Tensor gz = plane.spread(gp), gz_y = gz * plane.y;
  const Tensor gx =
      saved.rstd * over_plane(saved.gamma) * (gz - plane_mean(gz) - plane.y * plane_mean(gz_y));
  return {gx, channel_sum(gz_y), channel_sum(gz)};
}

std::array<Tensor, 3> second_gradient(const NormReluPoolSaved& saved, const Tensor& gp,
                                      const Tensor& v, const Tensor& vgamma_of_channels,
                                      const Tensor& vbeta) {
  const Tensor &r = saved.rstd, g = over_plane(saved.gamma),
               vgamma = over_plane(vgamma_of_channels);
  const Plane plane(saved);
  const Tensor& y = plane.y;
  const Tensor gz = plane.spread(gp);
  const Tensor a = plane_mean(gz), d = plane_mean(gz * y);
  const Tensor c = plane_mean(v * y), r_dot = -r * r * c;
  const Tensor y_dot = r * (v - plane_mean(v) - c * y);
  const Tensor gz_y_dot = gz * y_dot, d_dot = plane_mean(gz_y_dot);
  const Tensor ggp = pooled(plane.positive * (vgamma * y + g * y_dot + over_plane(vbeta)));
  const Tensor gx = (r_dot * g + r * vgamma) * (gz - a - y * d) - r * g * (y_dot * d + y * d_dot);
  return {ggp, gx, channel_sum(gz_y_dot)};
}

}  // namespace

const NormReluPoolParts kNormReluPoolTensors = {value, gradient, second_gradient};

}  // namespace mkdt
