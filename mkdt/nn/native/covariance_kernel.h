// Takes their means off rows of numbers, and multiplies rows with each other.
#pragma once

#include <utility>

#include "mkdt/nn/native/kernels.h"
#include "mkdt/nn/native/simd.h"

namespace mkdt::native::MKDT_ISA_NAMESPACE {

// Lane l of the result is a sum of two lanes of `a` where ⌊l/kHalf⌋ is even, and of b elsewhere: of
// lane l and of the one that is kHalf beside it.
template <typename T, size_t kHalf, size_t... kLane>
inline Vec<T> sums_of_pairs(const Vec<T>& a, const Vec<T>& b,
                            std::index_sequence<kLane...> /*lanes*/) {
  return __builtin_shufflevector(a, b,
                                 (kLane / kHalf % 2 == 1 ? kLane + kLanes<T> - kHalf : kLane)...) +
         __builtin_shufflevector(a, b,
                                 (kLane / kHalf % 2 == 1 ? kLane + kLanes<T> : kLane + kHalf)...);
}

// Returns the sums over the lanes of kLanes vectors, one in a lane.
template <typename T, size_t kHalf = 1>
inline Vec<T> lanes_to_sums(const Vec<T>* vectors) {
  constexpr size_t kCount = kLanes<T> / kHalf;  // of the vectors
  if constexpr (kCount == 1) {
    return *vectors;
  } else {
    Vec<T> sums[kCount / 2];
#pragma GCC unroll 8
    for (size_t i = 0; i < kCount / 2; ++i) {
      sums[i] = sums_of_pairs<T, kHalf>(vectors[2 * i], vectors[2 * i + 1],
                                        std::make_index_sequence<kLanes<T>>());
    }
    return lanes_to_sums<T, 2 * kHalf>(sums);
  }
}

// Writes the sum over the lanes of each vector.
template <typename T, int kCount>
inline void sums_of_lanes(const Vec<T> (&vectors)[kCount], T (&sums)[kCount]) {
  constexpr int kWidth = kLanes<T>, kGroups = (kCount + kWidth - 1) / kWidth;
  Vec<T> all[kGroups * kWidth];
  T results[kGroups * kWidth];
  for (int i = 0; i < kGroups * kWidth; ++i) all[i] = i < kCount ? vectors[i] : Vec<T>{};
  for (int group = 0; group < kGroups; ++group) {
    store(results + group * kWidth, lanes_to_sums<T>(all + group * kWidth));
  }
  for (int i = 0; i < kCount; ++i) sums[i] = results[i];
}

constexpr int kTogether = 3;  // rows; a neighbourhood's are a multiple of 9

template <typename T>
void centre(const Rows<T>& rows) {
  for (int64_t i = 0; i < rows.count; i += kTogether) {
    T* const first = rows.data + i * rows.stride;
    Vec<T> totals[kTogether];
    for (int r = 0; r < kTogether; ++r) {
      const T* const row = first + r * rows.stride;
      Vec<T> sums[4] = {};
      for (int64_t k = 0; k < padded(rows.length); k += kLanes<T>) {
        sums[k / kLanes<T> % 4] += load(row + k);
      }
      totals[r] = sums[0] + sums[1] + sums[2] + sums[3];
    }
    T sums[kTogether];
    sums_of_lanes<T>(totals, sums);
    for (int r = 0; r < kTogether; ++r) {
      T* const row = first + r * rows.stride;
      const T mean = sums[r] / static_cast<T>(rows.length);
      for (int64_t k = 0; k < rows.length; ++k) row[k] -= mean;
    }
  }
}

// Multiplies some rows with as many.
template <typename T>
inline void covariance_block(const Rows<T>& rows, int64_t i, int64_t j, T* covariance) {
  Vec<T> products[kTogether * kTogether] = {};
  for (int64_t k = 0; k < padded(rows.length); k += kLanes<T>) {
    Vec<T> right[kTogether];
#pragma GCC unroll 4
    for (int s = 0; s < kTogether; ++s) right[s] = load(rows.data + (j + s) * rows.stride + k);
#pragma GCC unroll 4
    for (int r = 0; r < kTogether; ++r) {
      const Vec<T> left = load(rows.data + (i + r) * rows.stride + k);
#pragma GCC unroll 4
      for (int s = 0; s < kTogether; ++s) products[r * kTogether + s] += left * right[s];
    }
  }
  T sums[kTogether * kTogether];
  sums_of_lanes<T>(products, sums);
  for (int r = 0; r < kTogether; ++r) {
    for (int s = 0; s < kTogether; ++s) {
      const T product = sums[r * kTogether + s] / static_cast<T>(rows.length);
      covariance[(i + r) * rows.count + j + s] = product;
      covariance[(j + s) * rows.count + i + r] = product;
    }
  }
}

template <typename T>
void covariance(const Rows<T>& rows, T* covariance) {
  for (int64_t i = 0; i < rows.count; i += kTogether) {
    for (int64_t j = 0; j <= i; j += kTogether) covariance_block(rows, i, j, covariance);
  }
}

}  // namespace mkdt::native::MKDT_ISA_NAMESPACE
