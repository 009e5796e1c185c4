// The products of a convolution, plainly: what faster ones are compared with.
#pragma once

#include "mkdt/nn/residual/lanes.h"

namespace mkdt::residual::MKDT_ISA_NAMESPACE {

template <typename V>
void pack(const WeightTile<V>& w) {
  for (int64_t k = 0; k < w.deep; ++k) {
    for (int64_t n = 0; n < w.columns; ++n) {
      round_to(w.from[k * w.deep_step + n * w.column_step],
               w.tile[place_of_weight(k, n, kTileDepth)]);
    }
  }
}

// Multiplies `Rows` rows by sixteen columns.
template <typename V, int Rows>
inline void multiply_block(const StripProduct<V>& p, int64_t row, int64_t column) {
  using Vec = Sixteen<SumOf<V>>;
  Vec sums[Rows] = {};
  for (int r = 0; r < p.run_count; ++r) {
    const auto& run = p.runs[r];
    const V* const values = run.values + row * p.step;
    for (int64_t k = 0; k < run.depth; k += 2) {
      const V* const pair = run.weights + place_of_weight(k, column, run.depth);
      SumOf<V> even[kLanes], odd[kLanes];
      for (int64_t n = 0; n < kLanes; ++n) {
        even[n] = widen(pair[2 * n]);
        odd[n] = widen(pair[2 * n + 1]);
      }
      const Vec first = load(even), second = load(odd);
      for (int i = 0; i < Rows; ++i) {
        sums[i] += widen(values[i * p.step + k]) * first;
        sums[i] += widen(values[i * p.step + k + 1]) * second;
      }
    }
  }
  for (int i = 0; i < Rows; ++i) store(p.out + (row + i) * p.columns + column, sums[i]);
}

template <typename V>
void multiply(const StripProduct<V>& p) {
  constexpr int kRows = 8;
  for (int64_t row = 0; row < p.rows; row += kRows) {
    for (int64_t column = 0; column < p.columns; column += kLanes) {
      multiply_block<V, kRows>(p, row, column);
    }
  }
}

template <typename V>
void correlate(const Correlation<V>& c) {
  constexpr int64_t kSums = kLanes * kLanes;
  const int64_t step = c.stride * c.channels;
  for (int64_t column = 0; column < c.columns; column += kLanes) {
    SumOf<V>* const sums = c.sums + column / kLanes * c.block_count * kSums;
    for (int64_t b = 0; b < c.block_count; ++b) {
      const V* const begin = c.values + c.blocks[2 * b] * c.channels + c.blocks[2 * b + 1];
      Sixteen<SumOf<V>> tile[kLanes];
      for (int64_t n = 0; n < kLanes; ++n) {
        tile[n] = c.first ? Sixteen<SumOf<V>>{} : load(sums + b * kSums + n * kLanes);
      }
      for (int64_t q = 0; q < c.rows; ++q) {
        const Sixteen<SumOf<V>> values = load(begin + q * step);
        const V* const gradient = c.gradients + q * c.columns + column;
        for (int64_t n = 0; n < kLanes; ++n) tile[n] += widen(gradient[n]) * values;
      }
      for (int64_t n = 0; n < kLanes; ++n) store(sums + b * kSums + n * kLanes, tile[n]);
    }
  }
}

}  // namespace mkdt::residual::MKDT_ISA_NAMESPACE
