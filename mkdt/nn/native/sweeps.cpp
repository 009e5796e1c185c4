#include "mkdt/nn/native/sweeps.h"

#include "mkdt/nn/native/first_block.h"
#include "mkdt/nn/native/winograd_block.h"

namespace mkdt::native {

template <typename T>
void Sweeps<T>::forward(const T* const* images, int64_t count, T* features, T* features_dot) {
  FirstBlock<T>(pass_).forward(images, count);
  for (size_t j = 1; j < pass_.plan.blocks.size(); ++j) WinogradBlock<T>(pass_, j).forward(count);
  gather_features(count, pass_.space.values.back().pooled, features);
  if (pass_.tangents()) gather_features(count, pass_.space.tangents.back().pooled, features_dot);
}

template <typename T>
void Sweeps<T>::backward(const T* const* images, int64_t count, const T* delta, const T* delta_dot,
                         T* images_dot) {
  head_backward(count, delta, pass_.theta, false);
  scatter_features(count, pass_.space.feature_gradient.data(), pass_.space.values.back().pooled);
  if (pass_.tangents()) {
    head_backward(count, delta_dot, pass_.theta, false);
    head_backward(count, delta, *pass_.direction, true);
    scatter_features(count, pass_.space.feature_gradient.data(),
                     pass_.space.tangents.back().pooled);
  }
  for (size_t j = pass_.plan.blocks.size() - 1; j > 0; --j) {
    WinogradBlock<T>(pass_, j).backward(count);
  }
  FirstBlock<T>(pass_).backward(images, count, images_dot);
}

template <typename T>
void Sweeps<T>::gather_features(int64_t count, const Buffer<T>& pooled, T* features) const {
  const int64_t pixels = pass_.plan.blocks.back().pooled_pixels(), pad = pass_.plan.width_pad;
  for (int64_t i = 0; i < count; ++i) {
    const T* const from = pooled.data() + i * pixels * pad;
    T* const to = features + i * pass_.plan.feature_pad;
    for (int64_t c = 0; c < pass_.plan.width; ++c) {
      for (int64_t p = 0; p < pixels; ++p) to[c * pixels + p] = from[p * pad + c];
    }
  }
}

template <typename T>
void Sweeps<T>::scatter_features(int64_t count, const T* features, Buffer<T>& pooled) const {
  const int64_t pixels = pass_.plan.blocks.back().pooled_pixels(), pad = pass_.plan.width_pad;
  for (int64_t i = 0; i < count; ++i) {
    const T* const from = features + i * pass_.plan.feature_pad;
    T* const to = pooled.data() + i * pixels * pad;
    for (int64_t c = 0; c < pass_.plan.width; ++c) {
      for (int64_t p = 0; p < pixels; ++p) to[p * pad + c] = from[c * pixels + p];
    }
  }
}

template <typename T>
void Sweeps<T>::head_backward(int64_t count, const T* delta, const PackedParameters<T>& head,
                              bool accumulate) {
  pass_.kernels.multiply({count, pass_.plan.feature_pad, pass_.plan.outputs, delta,
                          pass_.plan.output_pad, 1, head.head(), head.head_row(),
                          pass_.space.feature_gradient.data(), pass_.plan.feature_pad, accumulate});
}

template class Sweeps<float>;
template class Sweeps<double>;

}  // namespace mkdt::native
