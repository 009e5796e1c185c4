#include "mkdt/nn/native/sweeps.h"

#include <algorithm>

#include "mkdt/nn/native/columns.h"

namespace mkdt::native {

template <typename T>
void Sweeps<T>::forward(const T* const* images, int64_t count, T* features, T* features_dot) {
  first_forward(images, count);
  for (size_t j = 1; j < plan_.blocks.size(); ++j) block_forward(j, count);
  gather_features(count, space_.values.back().pooled, features);
  if (direction_ != nullptr) gather_features(count, space_.tangents.back().pooled, features_dot);
}

template <typename T>
void Sweeps<T>::backward(const T* const* images, int64_t count, const T* delta, const T* delta_dot,
                         T* images_dot) {
  head_backward(count, delta, theta_, false);
  scatter_features(count, space_.feature_gradient.data(), space_.values.back().pooled);
  if (direction_ != nullptr) {
    head_backward(count, delta_dot, theta_, false);
    head_backward(count, delta, *direction_, true);
    scatter_features(count, space_.feature_gradient.data(), space_.tangents.back().pooled);
  }
  for (size_t j = plan_.blocks.size() - 1; j > 0; --j) block_backward(j, count);
  first_backward(images, count, images_dot);
}

// y = x ∗ w;  ẏ = x ∗ ẇ, because the images have no tangent. Leaves ŷ, its tangent and the columns
// of this image in the workspace.
template <typename T>
void Sweeps<T>::first_image(const T* image, const NormPlane<T>& plane) {
  T* const columns = space_.values[0].input.data();
  image_to_columns(image, plan_.channels, plan_.image_size, columns);
  multiply_columns(columns, theta_.block(0).filter, plane.y);
  kernels_.norm_forward(plane);
  if (direction_ == nullptr) return;
  multiply_columns(columns, direction_->block(0).filter, plane.y_dot);
  kernels_.norm_tangent(plane);
}

template <typename T>
void Sweeps<T>::first_forward(const T* const* images, int64_t count) {
  for (int64_t i = 0; i < count; ++i) first_image(images[i], norm(0, i));
}

// y = x ∗ w;  ẏ = ẋ ∗ w + x ∗ ẇ, summed before the output transform.
template <typename T>
void Sweeps<T>::block_forward(size_t j, int64_t count) {
  BlockBuffers<T>& value = space_.values[j];
  transform(kernels_.input_transform, j, count, space_.values[j - 1].pooled, value.input);
  if (direction_ != nullptr) {
    transform(kernels_.input_transform, j, count, space_.tangents[j - 1].pooled,
              space_.tangents[j].input);
  }
  forward_products(j, count);
  transform(kernels_.output_transform, j, count, value.y, space_.tiles);
  for (int64_t i = 0; i < count; ++i) kernels_.norm_forward(norm(j, i));
  if (direction_ == nullptr) return;
  transform(kernels_.output_transform, j, count, space_.tangents[j].y, space_.tangent_tiles);
  for (int64_t i = 0; i < count; ++i) kernels_.norm_tangent(norm(j, i));
}

// gw = x ⋆ gy, gx = gy ∗ wᵀ, both from A·gy·Aᵀ; with tangents ġw = ẋ ⋆ gy + x ⋆ ġy and
// ġx = ġy ∗ wᵀ + gy ∗ ẇᵀ.
template <typename T>
void Sweeps<T>::block_backward(size_t j, int64_t count) {
  const bool tangents = direction_ != nullptr;
  const auto norm_backward = tangents ? kernels_.norm_tangent_backward : kernels_.norm_backward;
  for (int64_t i = 0; i < count; ++i) norm_backward(norm(j, i));
  transform(kernels_.output_adjoint, j, count, space_.values[j].y, space_.tiles);
  if (tangents) {
    transform(kernels_.output_adjoint, j, count, space_.tangents[j].y, space_.tangent_tiles);
  }
  backward_products(j, count);
  transform(kernels_.input_adjoint, j, count, space_.values[j - 1].pooled, space_.values[j].input);
  if (!tangents) return;
  transform(kernels_.input_adjoint, j, count, space_.tangents[j - 1].pooled,
            space_.tangents[j].input);
}

template <typename T>
void Sweeps<T>::first_backward(const T* const* images, int64_t count, T* images_dot) {
  const T* const columns = space_.values[0].input.data();
  for (int64_t i = 0; i < count; ++i) {
    const NormPlane<T> plane = norm(0, i);
    NormPlane<T> again = plane;
    again.pooled = again.pooled_dot = space_.pooled_again.data();
    first_image(images[i], again);
    if (direction_ == nullptr) {
      kernels_.norm_backward(plane);
      add_first_gradient(columns, plane.y);
    } else {
      kernels_.norm_tangent_backward(plane);
      add_first_gradient(columns, plane.y_dot);
      add_image_gradient(plane.y, plane.y_dot, images_dot + i * plan_.image_numel());
    }
  }
}

template <typename T>
NormPlane<T> Sweeps<T>::norm(size_t block, int64_t image) {
  const BlockPlan& plan = plan_.blocks[block];
  BlockBuffers<T>& values = space_.values[block];
  BlockGradients<T>& gradients = space_.gradients[block];
  const int64_t kept = block == 0 ? 0 : image;  // the first block keeps one image's planes
  const int64_t full = kept * plan.pixels() * plan_.width_pad;
  const int64_t row = kept * plan_.width_pad;
  const int64_t half = image * plan.pooled_pixels() * plan_.width_pad;
  NormPlane<T> norm{};
  norm.height = norm.width = plan.size;
  norm.channels = plan_.width_pad;
  norm.gamma = theta_.block(block).gamma.data();
  norm.beta = theta_.block(block).beta.data();
  norm.eps = static_cast<T>(ConvNet::kNormEps);
  norm.y = values.y.data() + full;
  norm.rstd = values.rstd.data() + row;
  norm.pooled = values.pooled.data() + half;
  norm.ggamma = gradients.gamma.data();
  norm.gbeta = gradients.beta.data();
  if (direction_ == nullptr) return norm;
  BlockBuffers<T>& tangents = space_.tangents[block];
  norm.gamma_dot = direction_->block(block).gamma.data();
  norm.beta_dot = direction_->block(block).beta.data();
  norm.y_dot = tangents.y.data() + full;
  norm.rstd_dot = tangents.rstd.data() + row;
  norm.pooled_dot = tangents.pooled.data() + half;
  return norm;
}

template <typename T>
void Sweeps<T>::multiply_columns(const T* columns, const Buffer<T>& filter, T* y) const {
  kernels_.multiply({plan_.blocks[0].pixels(), plan_.width_pad, plan_.column_depth, columns,
                     plan_.column_depth, 1, filter.data(), plan_.width_pad, y, plan_.width_pad,
                     false});
}

template <typename T>
void Sweeps<T>::add_first_gradient(const T* columns, const T* y) {
  kernels_.multiply({plan_.column_depth, plan_.width_pad, plan_.blocks[0].pixels(), columns, 1,
                     plan_.column_depth, y, plan_.width_pad, space_.gradients[0].filter.data(),
                     plan_.width_pad, true});
}

// Tangent of ∂L/∂x = gy ∗ wᵀ.
template <typename T>
void Sweeps<T>::add_image_gradient(const T* y, const T* y_dot, T* image_dot) {
  T* const columns = space_.column_gradient.data();
  const auto multiply = [&](const T* from, const Buffer<T>& filter, bool accumulate) {
    kernels_.multiply({plan_.blocks[0].pixels(), plan_.column_pad, plan_.width_pad, from,
                       plan_.width_pad, 1, filter.data(), plan_.column_pad, columns,
                       plan_.column_pad, accumulate});
  };
  multiply(y_dot, theta_.block(0).filter_adjoint, false);
  multiply(y, direction_->block(0).filter_adjoint, true);
  columns_to_image(columns, plan_.column_pad, plan_.channels, plan_.image_size, image_dot);
}

// tiles [tiles,width_pad] (+)= a·filter, all of one frequency.
template <typename T>
void Sweeps<T>::multiply_tiles(int64_t rows, const T* a, const T* filter, T* tiles, bool accumulate,
                               const T* next) const {
  const int64_t pad = plan_.width_pad;
  kernels_.multiply({rows, pad, plan_.width, a, pad, 1, filter, pad, tiles, pad, accumulate, next,
                     plan_.width * pad});
}

// gradient [width,width_pad] += inputᵀ·tiles, all of one frequency.
template <typename T>
void Sweeps<T>::add_filter_gradient(int64_t rows, const T* input, const T* tiles, T* gradient,
                                    const T* next) const {
  const int64_t pad = plan_.width_pad;
  kernels_.multiply({plan_.width, pad, rows, input, 1, pad, tiles, pad, gradient, pad, true, next,
                     plan_.width * pad});
}

// All products of a frequency follow each other: what they share stays in the second-level cache.
template <typename T>
void Sweeps<T>::forward_products(size_t j, int64_t count) {
  const BlockPlan& plan = plan_.blocks[j];
  const int64_t rows = count * plan.tile_count, stride = plan_.tile_stride(plan, count);
  for (int64_t f = 0; f < kFrequencies; ++f) {
    const T* const input = space_.values[j].input.data() + f * stride;
    const T* const filter = theta_.block(j).filter.data() + f * plan_.filter_stride();
    T* const tiles = space_.tiles.data() + f * stride;
    const T* const next = f + 1 < kFrequencies ? filter + plan_.filter_stride() : nullptr;
    if (direction_ == nullptr) {
      multiply_tiles(rows, input, filter, tiles, false, next);
      continue;
    }
    const T* const input_dot = space_.tangents[j].input.data() + f * stride;
    const T* const filter_dot = direction_->block(j).filter.data() + f * plan_.filter_stride();
    T* const tiles_dot = space_.tangent_tiles.data() + f * stride;
    multiply_tiles(rows, input, filter, tiles, false, filter_dot);
    multiply_tiles(rows, input_dot, filter, tiles_dot, false, nullptr);
    multiply_tiles(rows, input, filter_dot, tiles_dot, true, next);
  }
}

// The gradient of the input overwrites the input, which nothing reads after the filter's gradient.
template <typename T>
void Sweeps<T>::backward_products(size_t j, int64_t count) {
  const BlockPlan& plan = plan_.blocks[j];
  const int64_t rows = count * plan.tile_count, stride = plan_.tile_stride(plan, count);
  for (int64_t f = 0; f < kFrequencies; ++f) {
    T* const input = space_.values[j].input.data() + f * stride;
    const T* const filter = theta_.block(j).filter_adjoint.data() + f * plan_.filter_stride();
    T* const gradient = space_.gradients[j].filter.data() + f * plan_.filter_stride();
    const T* const tiles = space_.tiles.data() + f * stride;
    const T* const next = f + 1 < kFrequencies ? gradient + plan_.filter_stride() : nullptr;
    if (direction_ == nullptr) {
      add_filter_gradient(rows, input, tiles, gradient, filter);
      multiply_tiles(rows, tiles, filter, input, false, next);
      continue;
    }
    T* const input_dot = space_.tangents[j].input.data() + f * stride;
    const T* const filter_dot =
        direction_->block(j).filter_adjoint.data() + f * plan_.filter_stride();
    const T* const tiles_dot = space_.tangent_tiles.data() + f * stride;
    add_filter_gradient(rows, input_dot, tiles, gradient, filter);
    add_filter_gradient(rows, input, tiles_dot, gradient, filter_dot);
    multiply_tiles(rows, tiles, filter, input, false, nullptr);
    multiply_tiles(rows, tiles_dot, filter, input_dot, false, nullptr);
    multiply_tiles(rows, tiles, filter_dot, input_dot, true, next);
  }
}

template <typename T>
void Sweeps<T>::transform(TileKernel kernel, size_t block, int64_t count, Buffer<T>& planes,
                          Buffer<T>& tiles) {
  const BlockPlan& plan = plan_.blocks[block];
  for (int64_t i = 0; i < count; ++i) {
    kernel({plan.size, plan.size, plan_.width_pad,
            planes.data() + i * plan.pixels() * plan_.width_pad,
            tiles.data() + i * plan.tile_count * plan_.width_pad, plan_.tile_stride(plan, count),
            space_.zeros.data(), space_.discard.data()});
  }
}

template <typename T>
void Sweeps<T>::gather_features(int64_t count, const Buffer<T>& pooled, T* features) const {
  const int64_t pixels = plan_.blocks.back().pooled_pixels(), pad = plan_.width_pad;
  for (int64_t i = 0; i < count; ++i) {
    const T* const from = pooled.data() + i * pixels * pad;
    T* const to = features + i * plan_.feature_pad;
    for (int64_t c = 0; c < plan_.width; ++c) {
      for (int64_t p = 0; p < pixels; ++p) to[c * pixels + p] = from[p * pad + c];
    }
  }
}

template <typename T>
void Sweeps<T>::scatter_features(int64_t count, const T* features, Buffer<T>& pooled) const {
  const int64_t pixels = plan_.blocks.back().pooled_pixels(), pad = plan_.width_pad;
  for (int64_t i = 0; i < count; ++i) {
    const T* const from = features + i * plan_.feature_pad;
    T* const to = pooled.data() + i * pixels * pad;
    for (int64_t c = 0; c < plan_.width; ++c) {
      for (int64_t p = 0; p < pixels; ++p) to[p * pad + c] = from[c * pixels + p];
    }
  }
}

template <typename T>
void Sweeps<T>::head_backward(int64_t count, const T* delta, const PackedParameters<T>& head,
                              bool accumulate) {
  kernels_.multiply({count, plan_.feature_pad, plan_.outputs, delta, plan_.output_pad, 1,
                     head.head(), head.head_row(), space_.feature_gradient.data(),
                     plan_.feature_pad, accumulate});
}

template class Sweeps<float>;
template class Sweeps<double>;

}  // namespace mkdt::native
