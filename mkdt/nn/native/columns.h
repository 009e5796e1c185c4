// A 3×3 convolution with few input channels as a matrix product: every pixel's neighbourhood is a
// row of channels·9 numbers, in the order of the weight's [channels,3,3]; zero outside the image.
#pragma once

#include <cstdint>

namespace mkdt::native {

// Calls body(pixel, index into the image [channels,size,size], index into the row) for all of a
// pixel's neighbours that are in the image.
template <typename Body>
void for_neighbours(int64_t channels, int64_t size, Body body) {
  for (int64_t row = 0; row < size; ++row) {
    for (int64_t column = 0; column < size; ++column) {
      const int64_t pixel = row * size + column;
      for (int64_t c = 0; c < channels; ++c) {
        for (int64_t i = 0; i < 3; ++i) {
          const int64_t from_row = row + i - 1;
          if (from_row < 0 || from_row >= size) continue;
          for (int64_t j = 0; j < 3; ++j) {
            const int64_t from_column = column + j - 1;
            if (from_column < 0 || from_column >= size) continue;
            body(pixel, (c * size + from_row) * size + from_column, (c * 3 + i) * 3 + j);
          }
        }
      }
    }
  }
}

// image [channels,size,size] → columns [size·size, channels·9]; what lies outside the image is
// left alone, zero from the start.
template <typename T>
void image_to_columns(const T* image, int64_t channels, int64_t size, T* columns) {
  for_neighbours(channels, size, [&](int64_t pixel, int64_t from, int64_t to) {
    columns[pixel * channels * 9 + to] = image[from];
  });
}

// The adjoint: columns, rows `row` apart, are added up to the image.
template <typename T>
void columns_to_image(const T* columns, int64_t row, int64_t channels, int64_t size, T* image) {
  for_neighbours(channels, size, [&](int64_t pixel, int64_t to, int64_t from) {
    image[to] += columns[pixel * row + from];
  });
}

}  // namespace mkdt::native
