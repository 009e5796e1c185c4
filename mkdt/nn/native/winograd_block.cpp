#include "mkdt/nn/native/winograd_block.h"

#include <algorithm>

namespace mkdt::native {

template <typename T>
template <typename Body>
void WinogradBlock<T>::for_groups(int64_t count, Body body) {
  const int64_t most = pass_.plan.group_images(plan_);
  for (int64_t first = 0; first < count; first += most) {
    body(Group{first, std::min(most, count - first)});
  }
}

template <typename T>
void WinogradBlock<T>::forward(int64_t count) {
  for_groups(count, [this](const Group& group) { group_forward(group); });
}

template <typename T>
void WinogradBlock<T>::backward(int64_t count) {
  for_groups(count, [this](const Group& group) { group_backward(group); });
}

// y = x ∗ w;  ẏ = ẋ ∗ w + x ∗ ẇ, summed before the output transform.
template <typename T>
void WinogradBlock<T>::group_forward(const Group& group) {
  transform_input(group);
  forward_products(group);
  transform(pass_.kernels.output_transform, group, pass_.space.values[block_].y,
            pass_.space.tiles.output);
  for (int64_t i = 0; i < group.count; ++i) {
    pass_.kernels.norm_forward(pass_.norm(block_, group.first + i));
  }
  if (!pass_.tangents()) return;
  transform(pass_.kernels.output_transform, group, pass_.space.tangents[block_].y,
            pass_.space.tangent_tiles.output);
  for (int64_t i = 0; i < group.count; ++i) {
    pass_.kernels.norm_tangent(pass_.norm(block_, group.first + i));
  }
}

// gw = x ⋆ gy, gx = gy ∗ wᵀ, both from A·gy·Aᵀ; with tangents ġw = ẋ ⋆ gy + x ⋆ ġy and
// ġx = ġy ∗ wᵀ + gy ∗ ẇᵀ. gx takes the place of x.
template <typename T>
void WinogradBlock<T>::group_backward(const Group& group) {
  const bool tangents = pass_.tangents();
  const auto norm_backward =
      tangents ? pass_.kernels.norm_tangent_backward : pass_.kernels.norm_backward;
  for (int64_t i = 0; i < group.count; ++i) norm_backward(pass_.norm(block_, group.first + i));
  transform(pass_.kernels.output_adjoint, group, pass_.space.values[block_].y,
            pass_.space.tiles.output);
  if (tangents) {
    transform(pass_.kernels.output_adjoint, group, pass_.space.tangents[block_].y,
              pass_.space.tangent_tiles.output);
  }
  transform_input(group);
  backward_products(group);
  transform(pass_.kernels.input_adjoint, group, pass_.space.values[block_ - 1].pooled,
            pass_.space.tiles.input);
  if (!tangents) return;
  transform(pass_.kernels.input_adjoint, group, pass_.space.tangents[block_ - 1].pooled,
            pass_.space.tangent_tiles.input);
}

template <typename T>
void WinogradBlock<T>::transform(TileKernel kernel, const Group& group, Buffer<T>& planes,
                                 Buffer<T>& tiles) {
  for (int64_t i = 0; i < group.count; ++i) {
    kernel({plan_.size, plan_.size, pass_.plan.width_pad,
            planes.data() + (group.first + i) * plan_.pixels() * pass_.plan.width_pad,
            tiles.data() + i * plan_.tile_count * pass_.plan.width_pad,
            pass_.plan.tile_stride(plan_, group.count), pass_.space.zeros.data(),
            pass_.space.discard.data()});
  }
}

template <typename T>
void WinogradBlock<T>::transform_input(const Group& group) {
  transform(pass_.kernels.input_transform, group, pass_.space.values[block_ - 1].pooled,
            pass_.space.tiles.input);
  if (!pass_.tangents()) return;
  transform(pass_.kernels.input_transform, group, pass_.space.tangents[block_ - 1].pooled,
            pass_.space.tangent_tiles.input);
}

// tiles [tiles,width_pad] = a·b (+ a second such product), all of one frequency.
template <typename T>
void WinogradBlock<T>::multiply_tiles(int64_t rows, Factors factors, T* tiles, const T* next,
                                      Factors more) const {
  const int64_t pad = pass_.plan.width_pad;
  pass_.kernels.multiply({rows, pad, pass_.plan.width, factors.a, pad, 1, factors.b, pad, tiles,
                          pad, false, next, pass_.plan.width * pad, more.a, more.b});
}

// gradient [width,width_pad] += aᵀ·b (+ a second such product), all of one frequency.
template <typename T>
void WinogradBlock<T>::add_filter_gradient(int64_t rows, Factors factors, T* gradient,
                                           const T* next, Factors more) const {
  const int64_t pad = pass_.plan.width_pad;
  pass_.kernels.multiply({pass_.plan.width, pad, rows, factors.a, 1, pad, factors.b, pad, gradient,
                          pad, true, next, pass_.plan.width * pad, more.a, more.b});
}

// Computes all products of a frequency one after another: what they share stays in the second-level
// cache.
template <typename T>
void WinogradBlock<T>::forward_products(const Group& group) {
  const int64_t rows = group.count * plan_.tile_count;
  const int64_t stride = pass_.plan.tile_stride(plan_, group.count);
  for (int64_t f = 0; f < kFrequencies; ++f) {
    const T* const input = pass_.space.tiles.input.data() + f * stride;
    const T* const filter =
        pass_.theta.block(block_).filter.data() + f * pass_.plan.filter_stride();
    T* const tiles = pass_.space.tiles.output.data() + f * stride;
    const T* const next = f + 1 < kFrequencies ? filter + pass_.plan.filter_stride() : nullptr;
    if (!pass_.tangents()) {
      multiply_tiles(rows, {input, filter}, tiles, next);
      continue;
    }
    const T* const input_dot = pass_.space.tangent_tiles.input.data() + f * stride;
    const T* const filter_dot =
        pass_.direction->block(block_).filter.data() + f * pass_.plan.filter_stride();
    T* const tiles_dot = pass_.space.tangent_tiles.output.data() + f * stride;
    multiply_tiles(rows, {input, filter}, tiles, filter_dot);
    multiply_tiles(rows, {input_dot, filter}, tiles_dot, next, {input, filter_dot});
  }
}

// The gradient of the input overwrites the input, which nothing reads after the filter's gradient.
template <typename T>
void WinogradBlock<T>::backward_products(const Group& group) {
  const int64_t rows = group.count * plan_.tile_count;
  const int64_t stride = pass_.plan.tile_stride(plan_, group.count);
  for (int64_t f = 0; f < kFrequencies; ++f) {
    T* const input = pass_.space.tiles.input.data() + f * stride;
    const T* const filter =
        pass_.theta.block(block_).filter_adjoint.data() + f * pass_.plan.filter_stride();
    T* const gradient =
        pass_.space.sums->gradients[block_].filter.data() + f * pass_.plan.filter_stride();
    const T* const tiles = pass_.space.tiles.output.data() + f * stride;
    const T* const next = f + 1 < kFrequencies ? gradient + pass_.plan.filter_stride() : nullptr;
    if (!pass_.tangents()) {
      add_filter_gradient(rows, {input, tiles}, gradient, filter);
      multiply_tiles(rows, {tiles, filter}, input, next);
      continue;
    }
    T* const input_dot = pass_.space.tangent_tiles.input.data() + f * stride;
    const T* const filter_dot =
        pass_.direction->block(block_).filter_adjoint.data() + f * pass_.plan.filter_stride();
    const T* const tiles_dot = pass_.space.tangent_tiles.output.data() + f * stride;
    add_filter_gradient(rows, {input_dot, tiles}, gradient, filter, {input, tiles_dot});
    multiply_tiles(rows, {tiles, filter}, input, filter_dot);
    multiply_tiles(rows, {tiles_dot, filter}, input_dot, next, {tiles, filter_dot});
  }
}

template class WinogradBlock<float>;
template class WinogradBlock<double>;

}  // namespace mkdt::native
