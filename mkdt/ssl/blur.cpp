#include "mkdt/ssl/blur.h"

#include <algorithm>
#include <cmath>

namespace mkdt {
namespace {

// out[i] = Σ_t taps[t] · in[i + t·stride], i in [0, count)
void weigh(const float* in, int64_t stride, const std::vector<float>& taps, int64_t count,
           float* out) {
  for (int64_t i = 0; i < count; ++i) out[i] = taps[0] * in[i];
  for (size_t t = 1; t < taps.size(); ++t) {
    const float weight = taps[t];
    in += stride;
    for (int64_t i = 0; i < count; ++i) out[i] += weight * in[i];
  }
}

}  // namespace

std::vector<float> gaussian_taps(float sigma, int64_t image_size) {
  const int64_t count = std::max<int64_t>(image_size / 10 | 1, 3);
  const int64_t radius = count / 2;
  std::vector<float> taps(count);
  float sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    const float x = static_cast<float>(i - radius) / sigma;
    sum += taps[i] = std::exp(-0.5F * x * x);
  }
  for (float& tap : taps) tap /= sum;
  return taps;
}

void blur_plane(float* plane, int64_t size, const std::vector<float>& taps,
                std::vector<float>& scratch) {
  const int64_t radius = static_cast<int64_t>(taps.size()) / 2;
  const int64_t padded = size + 2 * radius;
  scratch.resize(padded * size + padded);
  float* const rows = scratch.data();  // [padded,S]: the plane blurred along rows
  float* const row = rows + padded * size;
  for (int64_t y = 0; y < size; ++y) {
    const float* const from = plane + y * size;
    std::fill_n(row, radius, from[0]);
    std::copy_n(from, size, row + radius);
    std::fill_n(row + radius + size, radius, from[size - 1]);
    weigh(row, 1, taps, size, rows + (radius + y) * size);
  }
  for (int64_t i = 0; i < radius; ++i) {
    std::copy_n(rows + radius * size, size, rows + i * size);
    std::copy_n(rows + (radius + size - 1) * size, size, rows + (radius + size + i) * size);
  }
  for (int64_t y = 0; y < size; ++y) weigh(rows + y * size, size, taps, size, plane + y * size);
}

}  // namespace mkdt
