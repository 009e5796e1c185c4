// norm_relu_pool of whole tensors: the formulas of norm_relu_pool_planes.h in PyTorch's operators,
// for devices for which there are no loops of our own. Against a graph of stock operators it saves
// the graph behind the second derivative, which keeps every intermediate tensor.
#include <stdexcept>

#include <torch/csrc/autograd/custom_function.h>

#include "mkdt/nn/ops/norm_relu_pool.h"

namespace mkdt {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

Tensor plane_mean(const Tensor& x) { return x.mean({2, 3}, /*keepdim=*/true); }
Tensor channel_sum(const Tensor& x) { return x.sum(at::IntArrayRef({0, 2, 3})); }
Tensor over_plane(const Tensor& channels) { return channels.view({1, -1, 1, 1}); }
Tensor pooled(const Tensor& x) { return at::avg_pool2d(x, /*kernel_size=*/2); }

// ŷ and m·gp, from what the forward pass saved.
struct Plane {
  Plane(const Tensor& x, const Tensor& gamma, const Tensor& beta, const Tensor& mean,
        const Tensor& rstd)
      : y((x - mean) * rstd), positive(over_plane(gamma) * y + over_plane(beta) > 0) {}

  // gz = m gp
  Tensor spread(const Tensor& gp) const {
    return at::avg_pool2d_backward(gp, y, {2, 2}, {2, 2}, {0, 0}, /*ceil_mode=*/false,
                                   /*count_include_pad=*/true,
                                   /*divisor_override=*/{}) *
           positive;
  }

  Tensor y, positive;
};

struct Gradient : Function<Gradient> {
  static variable_list forward(AutogradContext* context, const Tensor& gp, const Tensor& x,
                               const Tensor& gamma, const Tensor& beta, const Tensor& mean,
                               const Tensor& rstd) {
    context->save_for_backward({gp, x, gamma, beta, mean, rstd});
    const Plane plane(x, gamma, beta, mean, rstd);
    const Tensor gz = plane.spread(gp), gz_y = gz * plane.y;
    const Tensor gx = rstd * over_plane(gamma) * (gz - plane_mean(gz) - plane.y * plane_mean(gz_y));
    return {gx, channel_sum(gz_y), channel_sum(gz)};
  }

  static variable_list backward(AutogradContext* context, const variable_list& cotangents) {
    if (at::GradMode::is_enabled()) {
      throw std::logic_error("norm_relu_pool has no third derivative");
    }
    const variable_list saved = context->get_saved_variables();
    const Tensor &gp = saved[0], &x = saved[1], &gamma = saved[2], &beta = saved[3];
    const Tensor &mean = saved[4], &r = saved[5];
    const Tensor &v = cotangents[0], &vbeta = cotangents[2];
    const Tensor g = over_plane(gamma), vgamma = over_plane(cotangents[1]);
    const Plane plane(x, gamma, beta, mean, r);
    const Tensor& y = plane.y;
    const Tensor gz = plane.spread(gp);
    const Tensor a = plane_mean(gz), d = plane_mean(gz * y);
    const Tensor c = plane_mean(v * y), r_dot = -r * r * c;
    const Tensor y_dot = r * (v - plane_mean(v) - c * y);
    const Tensor gz_y_dot = gz * y_dot, d_dot = plane_mean(gz_y_dot);
    const Tensor ggp = pooled(plane.positive * (vgamma * y + g * y_dot + over_plane(vbeta)));
    const Tensor gx = (r_dot * g + r * vgamma) * (gz - a - y * d) - r * g * (y_dot * d + y * d_dot);
    return {ggp, gx, channel_sum(gz_y_dot), at::zeros_like(beta), Tensor(), Tensor()};
  }
};

struct Value : Function<Value> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& gamma,
                        const Tensor& beta, double eps) {
    const Tensor mean = plane_mean(x);
    const Tensor rstd = (plane_mean((x - mean).square()) + eps).rsqrt();
    context->save_for_backward({x, gamma, beta, mean, rstd});
    return pooled(at::relu(over_plane(gamma) * ((x - mean) * rstd) + over_plane(beta)));
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const variable_list result =
        Gradient::apply(gradients[0], saved[0], saved[1], saved[2], saved[3], saved[4]);
    return {result[0], result[1], result[2], Tensor()};
  }
};

}  // namespace

Tensor norm_relu_pool_tensors(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                              double eps) {
  return Value::apply(x, gamma, beta, eps);
}

}  // namespace mkdt
