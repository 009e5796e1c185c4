#include "mkdt/nn/native/first_block.h"

#include <algorithm>

#include "mkdt/nn/native/columns.h"
#include "mkdt/nn/native/folded_filter.h"

namespace mkdt::native {

template <typename T>
void FirstBlock<T>::forward(const T* const* images, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    set_columns(images[i]);
    FoldedFilter<T> filter(pass_, i);
    filter.measure();
    filter.fold();
    for_bands(i, [this](const Band& band) { band_forward(band); });
  }
}

template <typename T>
void FirstBlock<T>::backward(const T* const* images, int64_t count, T* images_dot) {
  for (int64_t i = 0; i < count; ++i) {
    set_columns(images[i]);
    FoldedFilter<T> filter(pass_, i);
    if (pass_.tangents()) filter.fold_adjoint();
    for_bands(i, [this](const Band& band) { band_backward(band); });
    filter.add_gradients();
    if (!pass_.tangents()) continue;
    filter.add_norm_to_column_gradient();
    columns_to_image(at_.column_gradient.data(), plan_.column_pad, plan_.channels, plan_.image_size,
                     at_.column_mean.data(), images_dot + i * plan_.image_numel());
  }
}

template <typename T>
void FirstBlock<T>::set_columns(const T* image) {
  const int64_t stride = plan_.column_stride();
  image_to_columns(image, plan_.channels, plan_.image_size, stride, at_.columns.data());
  pass_.kernels.centre({plan_.column_depth, plan_.blocks[0].pixels(), stride, at_.columns.data()});
}

template <typename T>
template <typename Body>
void FirstBlock<T>::for_bands(int64_t image, Body body) {
  for (int64_t first = 0; first < plan_.image_size; first += plan_.band_rows()) {
    body(Band{image, first, std::min(plan_.band_rows(), plan_.image_size - first)});
  }
}

// Computes z = c·a + β and ż = c·ȧ + β̇, because the images have no tangent.
template <typename T>
void FirstBlock<T>::band_forward(const Band& band) {
  multiply_columns(band, at_.folded, at_.band);
  pass_.kernels.relu_pool(pool(band, pass_.theta, at_.band, pass_.space.values));
  if (!pass_.tangents()) return;
  multiply_columns(band, at_.folded_dot, at_.band_dot);
  pass_.kernels.masked_pool(pool(band, *pass_.direction, at_.band_dot, pass_.space.tangents));
}

// Adds gβ = Σ gz, or its tangent: the sums over the last of the two planes.
template <typename T>
void FirstBlock<T>::band_backward(const Band& band) {
  PoolPlane<T> plane = pool(band, pass_.theta, at_.band, pass_.space.values);
  if (pass_.tangents()) plane.sums = pass_.space.discard.data();
  pass_.kernels.masked_pool_adjoint(plane);
  filter_gradient(band, at_.band, at_.gradient);
  if (!pass_.tangents()) return;
  pass_.kernels.masked_pool_adjoint(
      pool(band, *pass_.direction, at_.band_dot, pass_.space.tangents));
  filter_gradient(band, at_.band_dot, at_.gradient_dot);
  column_gradient(band);
}

template <typename T>
PoolPlane<T> FirstBlock<T>::pool(const Band& band, const PackedParameters<T>& theta,
                                 Buffer<T>& plane, std::vector<BlockBuffers<T>>& pooled) const {
  const BlockPlan& block = plan_.blocks[0];
  const int64_t at = (band.image * block.pooled + band.first / 2) * block.pooled * plan_.width_pad;
  return {band.count,
          block.size,
          plan_.width_pad,
          plane.data(),
          theta.block(0).beta.data(),
          pooled[0].pooled.data() + at,
          at_.positive.data() + at,
          pass_.space.sums->gradients[0].beta.data()};
}

template <typename T>
void FirstBlock<T>::multiply_columns(const Band& band, const Buffer<T>& filter,
                                     Buffer<T>& plane) const {
  pass_.kernels.multiply({pixels(band), plan_.width_pad, plan_.column_depth,
                          at_.columns.data() + pixel(band), 1, plan_.column_stride(), filter.data(),
                          plan_.width_pad, plane.data(), plan_.width_pad, false});
}

template <typename T>
void FirstBlock<T>::filter_gradient(const Band& band, const Buffer<T>& plane,
                                    Buffer<T>& gradient) const {
  pass_.kernels.multiply({plan_.column_depth, plan_.width_pad, pixels(band),
                          at_.columns.data() + pixel(band), plan_.column_stride(), 1, plane.data(),
                          plan_.width_pad, gradient.data(), plan_.width_pad, band.first > 0});
}

// Computes ġz·aᵀ + gz·ȧᵀ.
template <typename T>
void FirstBlock<T>::column_gradient(const Band& band) {
  const int64_t pad = plan_.column_pad;
  pass_.kernels.multiply({pixels(band), pad, plan_.width_pad, at_.band_dot.data(), plan_.width_pad,
                          1, at_.folded_adjoint.data(), pad,
                          at_.column_gradient.data() + pixel(band) * pad, pad, false, nullptr, 0,
                          at_.band.data(), at_.folded_adjoint_dot.data()});
}

template class FirstBlock<float>;
template class FirstBlock<double>;

}  // namespace mkdt::native
