// The products of a convolution on the matrix units of Intel's processors (AMX): tiles of 16 rows
// of 64 bytes, bfloat16 factors, float32 sums. A row of a left tile may begin wherever the pixel
// does, so that the values that a convolution needs are never copied together.
#pragma once

#include <immintrin.h>

#include "mkdt/nn/residual/lanes.h"
#include "mkdt/nn/residual/product_kernels.h"

namespace mkdt::residual::MKDT_ISA_NAMESPACE {

constexpr int64_t kTile = 16;  // rows of a tile, and sums in a row
constexpr int64_t kTileSums = kTile * kTile;
constexpr int64_t kTileRow = 64;  // bytes

// Packs whole rows of the tile sixteen columns at a time.
inline void pack_tile(const WeightTile<Bf16>& w) {
  if (w.columns < kTile || w.deep % 2 == 1) return pack(w);
  const __m512i places =
      _mm512_mullo_epi32(_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
                         _mm512_set1_epi32(static_cast<int>(w.column_step)));
  for (int64_t k = 0; k < w.deep; k += 2) {
    const float* const from = w.from + k * w.deep_step;
    __m512 first, second;
    if (w.column_step == 1) {
      first = _mm512_loadu_ps(from);
      second = _mm512_loadu_ps(from + w.deep_step);
    } else {
      first = _mm512_i32gather_ps(places, from, sizeof(float));
      second = _mm512_i32gather_ps(places, from + w.deep_step, sizeof(float));
    }
    const __m512i low = _mm512_cvtepu16_epi32(
        reinterpret_cast<const __m256i&>(static_cast<const __m256bh&>(_mm512_cvtneps_pbh(first))));
    const __m512i high = _mm512_cvtepu16_epi32(
        reinterpret_cast<const __m256i&>(static_cast<const __m256bh&>(_mm512_cvtneps_pbh(second))));
    _mm512_storeu_si512(w.tile + k * kTile, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
  }
}

// All eight tiles have 16 rows of 64 bytes while this lives.
class Tiles {
 public:
  Tiles() {
    struct alignas(64) {
      uint8_t palette = 1, start_row = 0, reserved[14] = {};
      uint16_t bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
      uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
    } configuration;
    _tile_loadconfig(&configuration);
  }
  ~Tiles() { _tile_release(); }
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;
};

// Sums in tiles 0 to 3: kDown left tiles one below the other by kAcross right ones.
template <int kDown, int kAcross>
inline void multiply_tile_block(const StripProduct<Bf16>& p, int64_t row, int64_t column) {
  static_assert((kDown == 2 && kAcross == 2) || kAcross == 1);
  const int64_t value_stride = p.step * 2;  // bytes
  const int64_t below = kTile * p.step;
  _tile_zero(0);
  if constexpr (kDown * kAcross > 1) _tile_zero(1);
  if constexpr (kDown * kAcross > 2) _tile_zero(2);
  if constexpr (kDown * kAcross > 3) _tile_zero(3);
  for (int r = 0; r < p.run_count; ++r) {
    const auto& run = p.runs[r];
    const Bf16* values = run.values + row * p.step;
    const Bf16* weights = run.weights + tile_begin(0, column, run.depth);
    [[maybe_unused]] const int64_t across = tiles_deep(run.depth) * kTileSize;
    for (int64_t k = 0; k < run.depth; k += kTileDepth) {
      _tile_loadd(4, weights, kTileRow);
      if constexpr (kAcross == 2) {
        _tile_loadd(5, weights + across, kTileRow);
        _tile_loadd(6, values, value_stride);
        _tile_dpbf16ps(0, 6, 4);
        _tile_dpbf16ps(1, 6, 5);
        _tile_loadd(7, values + below, value_stride);
        _tile_dpbf16ps(2, 7, 4);
        _tile_dpbf16ps(3, 7, 5);
      } else {
        _tile_loadd(6, values, value_stride);
        _tile_dpbf16ps(0, 6, 4);
        if constexpr (kDown > 1) {
          _tile_loadd(7, values + below, value_stride);
          _tile_dpbf16ps(1, 7, 4);
        }
        if constexpr (kDown > 2) {
          _tile_loadd(6, values + 2 * below, value_stride);
          _tile_dpbf16ps(2, 6, 4);
        }
        if constexpr (kDown > 3) {
          _tile_loadd(7, values + 3 * below, value_stride);
          _tile_dpbf16ps(3, 7, 4);
        }
      }
      values += kTileDepth;
      weights += kTileSize;
    }
  }
  float* const out = p.out + row * p.columns + column;
  const int64_t stride = p.columns * 4;
  _tile_stored(0, out, stride);
  if constexpr (kAcross == 2) {
    _tile_stored(1, out + kTile, stride);
    _tile_stored(2, out + kTile * p.columns, stride);
    _tile_stored(3, out + kTile * p.columns + kTile, stride);
  } else {
    if constexpr (kDown > 1) _tile_stored(1, out + kTile * p.columns, stride);
    if constexpr (kDown > 2) _tile_stored(2, out + 2 * kTile * p.columns, stride);
    if constexpr (kDown > 3) _tile_stored(3, out + 3 * kTile * p.columns, stride);
  }
}

inline void multiply_tiles(const StripProduct<Bf16>& p) {
  const Tiles tiles;
  int64_t column = 0;
  for (; column + 2 * kTile <= p.columns; column += 2 * kTile) {
    int64_t row = 0;
    for (; row + kTile < p.rows; row += 2 * kTile) multiply_tile_block<2, 2>(p, row, column);
    if (row < p.rows) {
      multiply_tile_block<1, 1>(p, row, column);
      multiply_tile_block<1, 1>(p, row, column + kTile);
    }
  }
  if (column == p.columns) return;
  int64_t row = 0;
  for (; row + 3 * kTile < p.rows; row += 4 * kTile) multiply_tile_block<4, 1>(p, row, column);
  for (; row < p.rows; row += kTile) multiply_tile_block<1, 1>(p, row, column);
}

// Puts sixteen numbers of one pixel and sixteen of another side by side.
inline __m512i pair(const Bf16* first, const Bf16* second) {
  const SixteenWords both = widen_halves(first) | widen_halves(second) << 16;
  __m512i result;
  std::memcpy(&result, &both, sizeof(result));
  return result;
}

// Every pixel beside the one `stride` pixels later, which is in the next row of a product, sixteen
// channels at a time: a product's rows from any pixel on are contiguous tiles then. Pair p is at
// [channels/16][p % kinds][p / kinds], with twice `stride` kinds; there are `count` / kinds of
// each, rounded up.
inline void pair_pixels(const Bf16* from, int64_t count, int64_t channels, int64_t stride,
                        Bf16* to) {
  const int64_t kinds = 2 * stride, length = (count + kinds - 1) / kinds;
  for (int64_t c = 0; c < channels; c += kTile) {
    for (int64_t kind = 0; kind < kinds; ++kind) {
      const Bf16* in = from + kind * channels + c;
      const int64_t there = (count - stride - kind + kinds - 1) / kinds;
      Bf16* out = to;
      for (int64_t i = 0; i < there; ++i, in += kinds * channels, out += 2 * kTile) {
        _mm512_storeu_si512(out, pair(in, in + stride * channels));
      }
      to += length * 2 * kTile;
    }
  }
}

// Turns sixteen rows of sixteen 32-bit numbers into columns.
inline void transpose(const __m512i (&in)[16], __m512i (&out)[16]) {
  __m512i a[16], b[16];
#pragma GCC unroll 8
  for (int64_t i = 0; i < 8; ++i) {
    a[2 * i] = _mm512_unpacklo_epi32(in[2 * i], in[2 * i + 1]);
    a[2 * i + 1] = _mm512_unpackhi_epi32(in[2 * i], in[2 * i + 1]);
  }
#pragma GCC unroll 4
  for (int64_t i = 0; i < 4; ++i) {
    b[4 * i] = _mm512_unpacklo_epi64(a[4 * i], a[4 * i + 2]);
    b[4 * i + 1] = _mm512_unpackhi_epi64(a[4 * i], a[4 * i + 2]);
    b[4 * i + 2] = _mm512_unpacklo_epi64(a[4 * i + 1], a[4 * i + 3]);
    b[4 * i + 3] = _mm512_unpackhi_epi64(a[4 * i + 1], a[4 * i + 3]);
  }
  // b[4i + j] has in its four quarters the columns j, 4 + j, 8 + j, 12 + j of the rows 4i … 4i + 3.
#pragma GCC unroll 4
  for (int64_t j = 0; j < 4; ++j) {
    const __m512i low = _mm512_shuffle_i32x4(b[j], b[4 + j], 0x44);
    const __m512i high = _mm512_shuffle_i32x4(b[j], b[4 + j], 0xee);
    const __m512i low2 = _mm512_shuffle_i32x4(b[8 + j], b[12 + j], 0x44);
    const __m512i high2 = _mm512_shuffle_i32x4(b[8 + j], b[12 + j], 0xee);
    out[j] = _mm512_shuffle_i32x4(low, low2, 0x88);
    out[4 + j] = _mm512_shuffle_i32x4(low, low2, 0xdd);
    out[8 + j] = _mm512_shuffle_i32x4(high, high2, 0x88);
    out[12 + j] = _mm512_shuffle_i32x4(high, high2, 0xdd);
  }
}

// [rows,columns] → [columns,turned_row(rows)], filled up to whole tiles with zeros. The row behind
// the last is read where their number is odd.
inline void turn_gradients(const Bf16* from, int64_t rows, int64_t columns, Bf16* to) {
  const int64_t row_length = turned_row(rows);
  for (int64_t row = 0; row < rows; row += kTileDepth) {
    for (int64_t column = 0; column < columns; column += kTile) {
      __m512i pairs[16], turned[16];
#pragma GCC unroll 16
      for (int64_t i = 0; i < 16; ++i) {
        const Bf16* const at = from + (row + 2 * i) * columns + column;
        pairs[i] = row + 2 * i < rows ? pair(at, at + columns) : __m512i{};
      }
      transpose(pairs, turned);
#pragma GCC unroll 16
      for (int64_t n = 0; n < 16; ++n) {
        _mm512_storeu_si512(to + (column + n) * row_length + row, turned[n]);
      }
    }
  }
}

// Adds kBlocks blocks' sums for sixteen columns, or for twice as many.
template <int kBlocks, int kDown>
inline void correlate_tile_block(const Bf16* gradients, int64_t rows, const Bf16* const* pairs,
                                 bool first, float* sums, int64_t sums_below) {
  static_assert(kDown == 1 ? kBlocks <= 3 : kBlocks <= 2);
  const int64_t row_length = turned_row(rows), stride = row_length * 2;  // numbers, bytes
  if (first) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  } else {
    _tile_loadd(0, sums, kTileRow);
    if constexpr (kBlocks > 1) _tile_loadd(1, sums + kTileSums, kTileRow);
    if constexpr (kDown == 1) {
      if constexpr (kBlocks > 2) _tile_loadd(2, sums + 2 * kTileSums, kTileRow);
    } else {
      _tile_loadd(2, sums + sums_below, kTileRow);
      if constexpr (kBlocks > 1) _tile_loadd(3, sums + sums_below + kTileSums, kTileRow);
    }
  }
  for (int64_t q = 0; q < rows; q += kTileDepth) {
    const int64_t at = q * kTile;
    _tile_loadd(4, gradients + q, stride);
    _tile_loadd(5, pairs[0] + at, kTileRow);
    _tile_dpbf16ps(0, 4, 5);
    if constexpr (kBlocks > 1) {
      _tile_loadd(6, pairs[1] + at, kTileRow);
      _tile_dpbf16ps(1, 4, 6);
    }
    if constexpr (kDown == 1) {
      if constexpr (kBlocks > 2) {
        _tile_loadd(7, pairs[2] + at, kTileRow);
        _tile_dpbf16ps(2, 4, 7);
      }
    } else {
      _tile_loadd(7, gradients + kTile * row_length + q, stride);
      _tile_dpbf16ps(2, 7, 5);
      if constexpr (kBlocks > 1) _tile_dpbf16ps(3, 7, 6);
    }
  }
  _tile_stored(0, sums, kTileRow);
  if constexpr (kBlocks > 1) _tile_stored(1, sums + kTileSums, kTileRow);
  if constexpr (kDown == 1) {
    if constexpr (kBlocks > 2) _tile_stored(2, sums + 2 * kTileSums, kTileRow);
  } else {
    _tile_stored(2, sums + sums_below, kTileRow);
    if constexpr (kBlocks > 1) _tile_stored(3, sums + sums_below + kTileSums, kTileRow);
  }
}

// Does all blocks for the columns at `column`: sixteen of them for kDown = 1, twice as many for 2.
template <int kBlocks, int kDown>
inline void correlate_columns(const Correlation<Bf16>& c, const Bf16* pairs, const Bf16* gradients,
                              int64_t column) {
  const int64_t kinds = 2 * c.stride, length = (c.size + kinds - 1) / kinds;
  const int64_t sums_below = c.block_count * kTileSums;
  const Bf16* const left = gradients + column * turned_row(c.rows);
  float* const sums = c.sums + column / kTile * sums_below;
  const auto block = [&](int64_t b) {
    const int64_t pixel = c.blocks[2 * b], channel = c.blocks[2 * b + 1];
    return pairs + ((channel / kTile * kinds + pixel % kinds) * length + pixel / kinds) * 2 * kTile;
  };
  int64_t b = 0;
  for (; b + kBlocks <= c.block_count; b += kBlocks) {
    const Bf16* right[kBlocks];
    for (int i = 0; i < kBlocks; ++i) right[i] = block(b + i);
    correlate_tile_block<kBlocks, kDown>(left, c.rows, right, c.first, sums + b * kTileSums,
                                         sums_below);
  }
  for (; b < c.block_count; ++b) {
    const Bf16* const right = block(b);
    correlate_tile_block<1, kDown>(left, c.rows, &right, c.first, sums + b * kTileSums, sums_below);
  }
}

inline void correlate_tiles(const Correlation<Bf16>& c) {
  Bf16* const pairs = c.room;
  Bf16* const gradients = pairs + 2 * (c.size + 2 * c.stride) * c.channels;
  pair_pixels(c.values, c.size, c.channels, c.stride, pairs);
  turn_gradients(c.gradients, c.rows, c.columns, gradients);
  const Tiles tiles;
  int64_t column = 0;
  for (; column + 2 * kTile <= c.columns; column += 2 * kTile) {
    correlate_columns<2, 2>(c, pairs, gradients, column);
  }
  if (column < c.columns) correlate_columns<3, 1>(c, pairs, gradients, column);
}

}  // namespace mkdt::residual::MKDT_ISA_NAMESPACE
