// The hot loops of residual networks' training, compiled once for every instruction set.
//
// Planes are channels-last, [height,width,channels], with channels padded with zeros to a multiple
// of kChannelPad. Values are stored as V and summed up as SumOf<V>. Nothing here allocates.
#pragma once

#include <cstdint>
#include <cstring>

#include "mkdt/nn/native/kernels.h"

namespace mkdt::residual {

using native::Isa;
using native::kChannelPad;
using native::padded;

// The upper half of a float.
struct Bf16 {
  uint16_t bits;
};

// Rounds to nearest, halves to even.
inline void round_to(float value, Bf16& to) {
  uint32_t word;
  std::memcpy(&word, &value, sizeof(word));
  to.bits = static_cast<uint16_t>((word + 0x7fff + (word >> 16 & 1)) >> 16);
}
inline void round_to(float value, float& to) { to = value; }
inline void round_to(double value, double& to) { to = value; }

template <typename V>
struct SumTypeOf {
  using Type = V;
};
template <>
struct SumTypeOf<Bf16> {
  using Type = float;
};
template <typename V>
using SumOf = typename SumTypeOf<V>::Type;

// A product's weights [depth,columns] lie in tiles of kTileDepth by sixteen, those of the same
// columns one behind the other, and in a tile in pairs of k side by side: as matrix units take
// them. Depth is filled up with zeros; the values that they meet have to be finite.
constexpr int64_t kTileColumns = 16, kTileDepth = 32;
constexpr int64_t kTileSize = kTileDepth * kTileColumns;
constexpr int64_t tiles_deep(int64_t depth) { return (depth + kTileDepth - 1) / kTileDepth; }
constexpr int64_t tile_begin(int64_t k, int64_t column, int64_t depth) {
  return (column / kTileColumns * tiles_deep(depth) + k / kTileDepth) * kTileSize;
}
constexpr int64_t place_of_weight(int64_t k, int64_t column, int64_t depth) {
  return tile_begin(k, column, depth) +
         (k % kTileDepth / 2 * kTileColumns + column % kTileColumns) * 2 + k % 2;
}

// Part of a tile of weights: tile(k, n) ← from[k·deep_step + n·column_step], rounded.
template <typename V>
struct WeightTile {
  const SumOf<V>* from;
  int64_t deep, deep_step;       // at most kTileDepth
  int64_t columns, column_step;  // at most kTileColumns
  V* tile;
};

// A convolution is a sum of few products, as the values that an output needs of one input row lie
// side by side (layout.h): out[q][n] = Σ_runs Σ_k values[q·step + k] · weights[k][n].
constexpr int kMostRuns = 4;
constexpr int64_t kRowPad = 16;
template <typename V>
struct StripProduct {
  struct Run {
    const V* values;
    int64_t depth;
    const V* weights;  // k and column n at place_of_weight(k, n, depth)
  };
  Run runs[kMostRuns];
  int run_count;
  int64_t rows;  // of the result; the rows up to a multiple of kRowPad may be written, too
  int64_t step;
  int64_t columns;  // a multiple of kChannelPad
  SumOf<V>* out;    // [rows,columns]
};

// The gradient of the weights: sums[b][n][c] += Σ_q gradients[q][n] · values_b[q·step + c] for
// every block b of 16 channels c under one tap of the kernel. A first one sets the sums instead.
template <typename V>
struct Correlation {
  const V* values;
  int64_t channels;       // of `values`
  int64_t size;           // of `values`, in pixels
  int64_t stride;         // pixels from one row of values to the next, 1 or 2: step / channels
  const int64_t* blocks;  // the pixel and the channel with which values_b begins
  int64_t block_count;
  const V* gradients;
  int64_t rows;     // behind an odd number of them there is one of zeros in `gradients`
  int64_t columns;  // of `gradients`
  SumOf<V>* sums;   // [columns/16,block_count,16,16]: n, c
  bool first;
  V* room;  // correlation_room(*this)
};
// Gradients turned so that a column's rows lie side by side begin on a cache line each, which are
// not all in the same set of the cache.
constexpr int64_t turned_row(int64_t rows) { return (tiles_deep(rows) | 1) * kTileDepth; }
template <typename V>
int64_t correlation_room(const Correlation<V>& c) {
  return 2 * (c.size + 2 * c.stride) * c.channels + turned_row(c.rows) * c.columns;
}

// Some pixels, `step` pixels apart, of a plane with `channels`.
struct Pixels {
  int64_t count, channels, step;
};

template <typename V>
struct Kernels {
  using Sum = SumOf<V>;

  void (*pack)(const WeightTile<V>&);
  void (*round)(const Sum* from, int64_t count, V* to);  // count: a multiple of kChannelPad
  void (*multiply)(const StripProduct<V>&);
  void (*correlate)(const Correlation<V>&);

  // out = max(scale·y + shift + shortcut, 0), where the shortcut is zero, other values, or their
  // scale·y + shift.
  struct Join {
    const V* y;
    const Sum *scale, *shift;                    // [channels]
    const V* shortcut;                           // or null
    const Sum *shortcut_scale, *shortcut_shift;  // or null
    V* out;
    V* also;  // null, or where the result is written as well
  };
  void (*join)(const Pixels&, const Join&);
  // y = products, rounded; sums += y, squares += y².
  void (*settle)(const Pixels&, const Sum* products, V* y, Sum* sums, Sum* squares);
  // out = by_m·m + by_y·y + constant: the gradient before a batch norm
  struct NormGradient {
    const V *m, *y;
    const Sum *by_m, *by_y, *constant;  // [channels]
    V* out;
  };
  void (*norm_gradient)(const Pixels&, const NormGradient&);
  // m = g + other where the ReLU was open, rounded; sums += m, and for each of the norms in front
  // of it: products += m·(y − mean).
  struct Masked {
    const Sum* g;
    int64_t g_step;            // between two pixels' g: channels, or 0 for one that all have
    const V* other;            // or null
    const V* open;             // max(…, 0): open where it is positive
    const Sum *scale, *shift;  // not null: open where scale·y[0] + shift > 0 instead
    const V* y[2];             // the second may be null
    const Sum* mean[2];
    V* m;
    Sum *sums, *products[2];
  };
  void (*masked)(const Pixels&, const Masked&);
  // sums += values
  void (*add_up)(const Pixels&, const V* values, Sum* sums);
};

// V is Bf16, float or double. Throws Error if the instruction set is not available.
template <typename V>
const Kernels<V>& kernels(Isa isa);

}  // namespace mkdt::residual
