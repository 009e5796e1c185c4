#include "mkdt/nn/native/pass.h"

namespace mkdt::native {

template <typename T>
NormPlane<T> Pass<T>::norm(size_t block, int64_t image) const {
  const BlockPlan& sizes = plan.blocks[block];
  BlockBuffers<T>& values = space.values[block];
  BlockGradients<T>& gradients = space.sums->gradients[block];
  const int64_t full = image * sizes.pixels() * plan.width_pad;
  const int64_t row = image * plan.width_pad;
  const int64_t half = image * sizes.pooled_pixels() * plan.width_pad;
  NormPlane<T> norm{};
  norm.height = norm.width = sizes.size;
  norm.channels = plan.width_pad;
  norm.gamma = theta.block(block).gamma.data();
  norm.beta = theta.block(block).beta.data();
  norm.eps = static_cast<T>(kNormEps);
  norm.y = values.y.data() + full;
  norm.mean = values.mean.data() + row;
  norm.rstd = values.rstd.data() + row;
  norm.pooled = values.pooled.data() + half;
  norm.ggamma = gradients.gamma.data();
  norm.gbeta = gradients.beta.data();
  if (!tangents()) return norm;
  BlockBuffers<T>& dots = space.tangents[block];
  norm.gamma_dot = direction->block(block).gamma.data();
  norm.beta_dot = direction->block(block).beta.data();
  norm.y_dot = dots.y.data() + full;
  norm.mean_dot = dots.mean.data() + row;
  norm.rstd_dot = dots.rstd.data() + row;
  norm.pooled_dot = dots.pooled.data() + half;
  return norm;
}

template struct Pass<float>;
template struct Pass<double>;

}  // namespace mkdt::native
