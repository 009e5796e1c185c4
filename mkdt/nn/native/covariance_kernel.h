// Takes their means off rows of numbers, and multiplies rows with each other.
#pragma once

#include "mkdt/nn/native/kernels.h"
#include "mkdt/nn/native/simd.h"

namespace mkdt::native::MKDT_ISA_NAMESPACE {

template <typename T>
inline T sum_of_lanes(const Vec<T>& values) {
  T sum = 0;
  for (int64_t lane = 0; lane < kLanes<T>; ++lane) sum += values[lane];
  return sum;
}

template <typename T>
void centre(const Rows<T>& rows) {
  for (int64_t i = 0; i < rows.count; ++i) {
    T* const row = rows.data + i * rows.stride;
    Vec<T> sums[4] = {};
    for (int64_t k = 0; k < padded(rows.length); k += kLanes<T>)
      sums[k / kLanes<T> % 4] += load(row + k);
    const T mean =
        sum_of_lanes<T>(sums[0] + sums[1] + sums[2] + sums[3]) / static_cast<T>(rows.length);
    for (int64_t k = 0; k < rows.length; ++k) row[k] -= mean;
  }
}

// Multiplies three rows with three.
template <typename T>
inline void covariance_block(const Rows<T>& rows, int64_t i, int64_t j, T* covariance) {
  Vec<T> sums[3][3] = {};
  for (int64_t k = 0; k < padded(rows.length); k += kLanes<T>) {
#pragma GCC unroll 4
    for (int64_t r = 0; r < 3; ++r) {
      const Vec<T> left = load(rows.data + (i + r) * rows.stride + k);
#pragma GCC unroll 4
      for (int64_t s = 0; s < 3; ++s) {
        sums[r][s] += left * load(rows.data + (j + s) * rows.stride + k);
      }
    }
  }
  for (int64_t r = 0; r < 3; ++r) {
    for (int64_t s = 0; s < 3; ++s) {
      const T product = sum_of_lanes<T>(sums[r][s]) / static_cast<T>(rows.length);
      covariance[(i + r) * rows.count + j + s] = product;
      covariance[(j + s) * rows.count + i + r] = product;
    }
  }
}

template <typename T>
void covariance(const Rows<T>& rows, T* covariance) {
  for (int64_t i = 0; i < rows.count; i += 3) {
    for (int64_t j = 0; j <= i; j += 3) covariance_block(rows, i, j, covariance);
  }
}

}  // namespace mkdt::native::MKDT_ISA_NAMESPACE
