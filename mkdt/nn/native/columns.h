// A 3×3 convolution with few input channels as a matrix product: every pixel's neighbourhood is
// channels·9 numbers, in the order of the weight's [channels,3,3]; zero outside the image.
#pragma once

#include <algorithm>
#include <cstdint>

namespace mkdt::native {

// Calls body(first pixel, index into the image [channels,size,size], index into the row, count) for
// runs of pixels next to each other in a row of the image, which share a neighbour's direction;
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

// image [channels,size,size] → columns [channels·9, size·size], rows `stride` apart: so they are
// copies of rows of the image. What lies outside the image is left alone, zero from the start.
template <typename T>
void image_to_columns(const T* image, int64_t channels, int64_t size, int64_t stride, T* columns) {
  for_neighbours(channels, size, [&](int64_t pixel, int64_t from, int64_t to, int64_t count) {
    std::copy_n(image + from, count, columns + to * stride + pixel);
  });
}

// The adjoint, of columns [size·size, channels·9], rows `row` apart: they are added up to the
// image.
template <typename T>
void columns_to_image(const T* columns, int64_t row, int64_t channels, int64_t size, T* image) {
  for_neighbours(channels, size, [&](int64_t pixel, int64_t to, int64_t from, int64_t count) {
    const T* const in = columns + pixel * row + from;
    for (int64_t i = 0; i < count; ++i) image[to + i] += in[i * row];
  });
}

}  // namespace mkdt::native
