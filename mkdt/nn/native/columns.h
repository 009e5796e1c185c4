// A 3×3 convolution with few input channels as a matrix product: every pixel's neighbourhood, zero
// outside the image, is a column of channels·9 numbers in the order of the weight's [channels,3,3].
#pragma once

#include <algorithm>
#include <cstdint>

namespace mkdt::native {

// Calls body(first pixel, index into the image [channels,size,size], index into the column, count)
// for runs of pixels next to each other in a row of the image, which share a neighbour's direction;
// only neighbours in the image.
template <typename Body>
void for_neighbours(int64_t channels, int64_t size, Body body) {
  for (int64_t row = 0; row < size; ++row) {
    for (int64_t k = 0; k < channels * 9; ++k) {
      const int64_t from_row = row + k / 3 % 3 - 1, shift = k % 3 - 1;
      if (from_row < 0 || from_row >= size) continue;
      const int64_t first = shift < 0 ? 1 : 0;
      const int64_t count = size - (shift != 0 ? 1 : 0);
      body(row * size + first, (k / 9 * size + from_row) * size + first + shift, k, count);
    }
  }
}

// image [channels,size,size] → columns [channels·9,size·size], rows `stride` apart. A row is the
// whole channel, moved by the neighbour's direction; what moves in over the border is zero.
template <typename T>
void image_to_columns(const T* image, int64_t channels, int64_t size, int64_t stride, T* columns) {
  const int64_t pixels = size * size;
  for (int64_t k = 0; k < channels * 9; ++k) {
    const int64_t down = k / 3 % 3 - 1, right = k % 3 - 1, offset = down * size + right;
    const int64_t begin = std::max<int64_t>(0, -offset),
                  end = pixels - std::max<int64_t>(0, offset);
    T* const row = columns + k * stride;
    std::fill(row, row + begin, T(0));
    std::copy(image + k / 9 * pixels + begin + offset, image + k / 9 * pixels + end + offset,
              row + begin);
    std::fill(row + end, row + pixels, T(0));
    if (right == 0) continue;
    const int64_t border = right < 0 ? 0 : size - 1;
    for (int64_t i = border; i < pixels; i += size) row[i] = T(0);
  }
}

// The adjoint: columns [size·size, channels·9], `stride` apart, are centred and added up to the
// image. `mean` has place for channels·9 numbers.
template <typename T>
void columns_to_image(const T* columns, int64_t stride, int64_t channels, int64_t size, T* mean,
                      T* image) {
  const int64_t pixels = size * size, depth = channels * 9;
  std::fill_n(mean, depth, T(0));
  for (int64_t p = 0; p < pixels; ++p) {
    for (int64_t k = 0; k < depth; ++k) mean[k] += columns[p * stride + k];
  }
  for (int64_t k = 0; k < depth; ++k) mean[k] /= static_cast<T>(pixels);
  for_neighbours(channels, size, [&](int64_t pixel, int64_t to, int64_t k, int64_t count) {
    const T* const in = columns + pixel * stride + k;
    for (int64_t i = 0; i < count; ++i) image[to + i] += in[i * stride] - mean[k];
  });
}

}  // namespace mkdt::native
