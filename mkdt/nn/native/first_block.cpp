#include "mkdt/nn/native/first_block.h"

#include <algorithm>

#include "mkdt/nn/native/columns.h"

namespace mkdt::native {

template <typename T>
template <typename Body>
void FirstBlock<T>::for_slices(const T* image, int64_t index, Body body) {
  image_to_columns(image, pass_.plan.channels, pass_.plan.image_size, pass_.plan.column_stride(),
                   pass_.space.columns.data());
  for (int64_t first = 0; first < pass_.plan.width_pad; first += pass_.plan.slice_width()) {
    body(Slice{index, first, std::min(pass_.plan.slice_width(), pass_.plan.width_pad - first)});
  }
}

template <typename T>
void FirstBlock<T>::forward(const T* const* images, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    for_slices(images[i], i, [this](const Slice& slice) { slice_forward(slice); });
  }
}

template <typename T>
void FirstBlock<T>::backward(const T* const* images, int64_t count, T* images_dot) {
  for (int64_t i = 0; i < count; ++i) {
    for_slices(images[i], i, [this](const Slice& slice) { slice_backward(slice); });
    if (!pass_.tangents()) continue;
    columns_to_image(pass_.space.column_gradient.data(), pass_.plan.column_pad, pass_.plan.channels,
                     pass_.plan.image_size, images_dot + i * pass_.plan.image_numel());
  }
}

// y = x ∗ w;  ẏ = x ∗ ẇ, because the images have no tangent.
template <typename T>
void FirstBlock<T>::slice_forward(const Slice& slice) {
  const NormPlane<T> plane = norm(slice);
  multiply_columns(slice, pass_.theta.block(0).filter, plane.y);
  pass_.kernels.norm_forward(plane);
  if (!pass_.tangents()) return;
  multiply_columns(slice, pass_.direction->block(0).filter, plane.y_dot);
  pass_.kernels.norm_tangent(plane);
}

template <typename T>
void FirstBlock<T>::slice_backward(const Slice& slice) {
  const NormPlane<T> plane = norm(slice);
  multiply_columns(slice, pass_.theta.block(0).filter, plane.y);
  pass_.kernels.norm_again(plane);
  if (!pass_.tangents()) {
    pass_.kernels.norm_backward(plane);
    add_filter_gradient(slice, plane.y);
    return;
  }
  multiply_columns(slice, pass_.direction->block(0).filter, plane.y_dot);
  pass_.kernels.norm_tangent_again(plane);
  pass_.kernels.norm_tangent_backward(plane);
  add_filter_gradient(slice, plane.y_dot);
  add_column_gradient(slice, plane);
}

// The slice's planes lie alone in y; everything else it finds at its channels.
template <typename T>
NormPlane<T> FirstBlock<T>::norm(const Slice& slice) const {
  NormPlane<T> plane = pass_.norm(0, slice.image);
  plane.channels = slice.count;
  const auto skip = [&](auto&... of_channels) { ((of_channels += slice.first), ...); };
  skip(plane.gamma, plane.beta, plane.mean, plane.rstd, plane.pooled, plane.ggamma, plane.gbeta);
  if (!pass_.tangents()) return plane;
  skip(plane.gamma_dot, plane.beta_dot, plane.mean_dot, plane.rstd_dot, plane.pooled_dot);
  return plane;
}

template <typename T>
void FirstBlock<T>::multiply_columns(const Slice& slice, const Buffer<T>& filter, T* y) const {
  pass_.kernels.multiply({pass_.plan.blocks[0].pixels(), slice.count, pass_.plan.column_depth,
                          pass_.space.columns.data(), 1, pass_.plan.column_stride(),
                          filter.data() + slice.first, pass_.plan.width_pad, y, slice.count,
                          false});
}

template <typename T>
void FirstBlock<T>::add_filter_gradient(const Slice& slice, const T* y) {
  pass_.kernels.multiply({pass_.plan.column_depth, slice.count, pass_.plan.blocks[0].pixels(),
                          pass_.space.columns.data(), pass_.plan.column_stride(), 1, y, slice.count,
                          pass_.space.gradients[0].filter.data() + slice.first,
                          pass_.plan.width_pad, true});
}

// ∂L/∂image = gy ∗ wᵀ; its tangent is ġy ∗ wᵀ + gy ∗ ẇᵀ, a sum over the slices.
template <typename T>
void FirstBlock<T>::add_column_gradient(const Slice& slice, const NormPlane<T>& plane) {
  const int64_t row = slice.first * pass_.plan.column_pad;
  pass_.kernels.multiply(
      {pass_.plan.blocks[0].pixels(), pass_.plan.column_pad, slice.count, plane.y_dot, slice.count,
       1, pass_.theta.block(0).filter_adjoint.data() + row, pass_.plan.column_pad,
       pass_.space.column_gradient.data(), pass_.plan.column_pad, slice.first > 0, nullptr, 0,
       plane.y, pass_.direction->block(0).filter_adjoint.data() + row});
}

template class FirstBlock<float>;
template class FirstBlock<double>;

}  // namespace mkdt::native
