// The transforms of Winograd's F(4×4,3×3), interpolation points 0, ±1, ±2, ∞ (Lavin and Gray,
// arXiv 1509.09308, section 4.3): Y = Aᵀ[(GwGᵀ) ⊙ (BᵀxB)]A. Each is a matrix that is applied to the
// columns and then to the rows of a tile; an adjoint is the transposed matrix.
#pragma once

#include "mkdt/nn/native/kernels.h"
#include "mkdt/nn/native/simd.h"

namespace mkdt::native::MKDT_ISA_NAMESPACE {

struct InputMatrix {  // Bᵀ
  static constexpr int kIn = 6, kOut = 6;
  static constexpr int kTogether[3][2] = {{0, 5}, {1, 2}, {3, 4}};
  template <typename T, typename V>
  static void apply(const V* in, V* out) {
    const V even = in[4] - 4 * in[2], odd = in[3] - 4 * in[1];
    const V even2 = in[4] - in[2], odd2 = 2 * (in[3] - in[1]);
    out[0] = 4 * in[0] - 5 * in[2] + in[4];
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = even2 + odd2;
    out[4] = even2 - odd2;
    out[5] = 4 * in[1] - 5 * in[3] + in[5];
  }
};

struct InputAdjoint {  // B
  static constexpr int kIn = 6, kOut = 6;
  static constexpr int kTogether[3][2] = {{0, 5}, {1, 3}, {2, 4}};
  template <typename T, typename V>
  static void apply(const V* in, V* out) {
    const V sum = in[1] + in[2], difference = in[1] - in[2];
    const V sum2 = in[3] + in[4], difference2 = in[3] - in[4];
    out[0] = 4 * in[0];
    out[1] = 4 * in[5] - 4 * difference - 2 * difference2;
    out[2] = -5 * in[0] - 4 * sum - sum2;
    out[3] = difference + 2 * difference2 - 5 * in[5];
    out[4] = in[0] + sum + sum2;
    out[5] = in[5];
  }
};

struct OutputMatrix {  // Aᵀ
  static constexpr int kIn = 6, kOut = 4;
  static constexpr int kTogether[1][4] = {{0, 1, 2, 3}};
  template <typename T, typename V>
  static void apply(const V* in, V* out) {
    const V sum = in[1] + in[2], difference = in[1] - in[2];
    const V sum2 = in[3] + in[4], difference2 = in[3] - in[4];
    out[0] = in[0] + sum + sum2;
    out[1] = difference + 2 * difference2;
    out[2] = sum + 4 * sum2;
    out[3] = difference + 8 * difference2 + in[5];
  }
};

struct OutputAdjoint {  // A
  static constexpr int kIn = 4, kOut = 6;
  static constexpr int kTogether[1][6] = {{0, 1, 2, 3, 4, 5}};
  template <typename T, typename V>
  static void apply(const V* in, V* out) {
    const V even = in[0] + in[2], odd = in[1] + in[3];
    const V even2 = in[0] + 4 * in[2], odd2 = 2 * in[1] + 8 * in[3];
    out[0] = in[0];
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = even2 + odd2;
    out[4] = even2 - odd2;
    out[5] = in[3];
  }
};

struct FilterMatrix {  // G
  static constexpr int kIn = 3, kOut = 6;
  static constexpr int kTogether[1][6] = {{0, 1, 2, 3, 4, 5}};
  template <typename T, typename V>
  static void apply(const V* in, V* out) {
    const V even = (in[0] + in[2]) * (T(-1) / 6), odd = in[1] * (T(-1) / 6);
    const V even2 = in[0] * (T(1) / 24) + in[2] * (T(1) / 6), odd2 = in[1] * (T(1) / 12);
    out[0] = in[0] * T(0.25);
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = even2 + odd2;
    out[4] = even2 - odd2;
    out[5] = in[2];
  }
};

struct FilterAdjoint {  // Gᵀ
  static constexpr int kIn = 6, kOut = 3;
  static constexpr int kTogether[1][3] = {{0, 1, 2}};
  template <typename T, typename V>
  static void apply(const V* in, V* out) {
    const V sum = in[1] + in[2], difference = in[1] - in[2];
    const V sum2 = in[3] + in[4], difference2 = in[3] - in[4];
    out[0] = in[0] * T(0.25) - sum * (T(1) / 6) + sum2 * (T(1) / 24);
    out[1] = difference2 * (T(1) / 12) - difference * (T(1) / 6);
    out[2] = (sum2 - sum) * (T(1) / 6) + in[5];
  }
};

// tile [kIn,kIn] → result [kOut,kOut]; the tile's values come from load(index), the result's go to
// put(index, value). The rows of the result that the matrix names as kTogether are made together:
// so many that what lies between the two passes stays in registers, and such as share terms.
// Loading the tile again for the next ones costs less than spilling.
template <typename Matrix, typename T, typename Load, typename Put>
inline void transform(Load load, Put put) {
  constexpr int kIn = Matrix::kIn, kOut = Matrix::kOut;
  constexpr int kCount = sizeof(Matrix::kTogether[0]) / sizeof(int);
#pragma GCC unroll 8
  for (const auto& together : Matrix::kTogether) {
    Vec<T> rows[kCount][kIn];
#pragma GCC unroll 8
    for (int i = 0; i < kIn; ++i) {
      Vec<T> column[kIn], all[kOut];
#pragma GCC unroll 8
      for (int j = 0; j < kIn; ++j) column[j] = load(j * kIn + i);
      Matrix::template apply<T>(column, all);
#pragma GCC unroll 8
      for (int r = 0; r < kCount; ++r) rows[r][i] = all[together[r]];
    }
#pragma GCC unroll 8
    for (int r = 0; r < kCount; ++r) {
      Vec<T> row[kOut];
      Matrix::template apply<T>(rows[r], row);
#pragma GCC unroll 8
      for (int j = 0; j < kOut; ++j) put(together[r] * kOut + j, row[j]);
    }
  }
}

// The places of a tile's kSide×kSide pixels, or `outside`.
template <typename T, int kSide, typename Pointer>
inline void locate(const TiledPlane<T>& p, int64_t top, int64_t left, Pointer outside,
                   Pointer* pixels) {
  for (int64_t i = 0; i < kSide; ++i) {
    for (int64_t j = 0; j < kSide; ++j) {
      const int64_t row = top + i, column = left + j;
      const bool inside = row >= 0 && row < p.height && column >= 0 && column < p.width;
      pixels[i * kSide + j] = inside ? p.plane + (row * p.width + column) * p.channels : outside;
    }
  }
}

// Calls body(top, left, frequency_data of the tile) for every tile.
template <typename T, typename Body>
inline void for_tiles(const TiledPlane<T>& p, Body body) {
  T* data = p.frequency_data;
  for (int64_t top = 0; top < p.height; top += kTile) {
    for (int64_t left = 0; left < p.width; left += kTile, data += p.channels) {
      body(top, left, data);
    }
  }
}

// Plane → frequencies; the tile's pixels start `kOffset` before its outputs.
template <typename Matrix, typename T, int kOffset>
inline void to_frequencies(const TiledPlane<T>& p) {
  constexpr int kSide = Matrix::kIn;
  const int64_t below = kTile * p.width * p.channels;
  for_tiles(p, [&](int64_t top, int64_t left, T* data) {
    const T* pixels[kSide * kSide];
    locate<T, kSide, const T*>(p, top - kOffset, left - kOffset, p.zeros, pixels);
    for (int64_t c = 0; c < p.channels; c += kLanes<T>) {
      // The row of tiles below, on its way.
      for (int i = kOffset; i < kOffset + kTile; ++i) {
        for (int j = kOffset; j < kOffset + kTile; ++j) {
          __builtin_prefetch(pixels[i * kSide + j] + below + c);
        }
      }
      transform<Matrix, T>(
          [&](int i) { return load(pixels[i] + c); },
          [&](int f, const Vec<T>& value) { store(data + f * p.frequency_stride + c, value); });
    }
  });
}

// Frequencies → plane.
template <typename Matrix, typename T, int kOffset, bool kAdd>
inline void from_frequencies(const TiledPlane<T>& p) {
  constexpr int kSide = Matrix::kOut;
  for_tiles(p, [&](int64_t top, int64_t left, T* data) {
    T* pixels[kSide * kSide];
    locate<T, kSide, T*>(p, top - kOffset, left - kOffset, p.discard, pixels);
    for (int64_t c = 0; c < p.channels; c += kLanes<T>) {
      transform<Matrix, T>([&](int f) { return load(data + f * p.frequency_stride + c); },
                           [&](int i, const Vec<T>& value) {
                             if constexpr (kAdd) {
                               add_to(pixels[i] + c, value);
                             } else {
                               store(pixels[i] + c, value);
                             }
                           });
    }
  });
}

template <typename T>
void input_transform(const TiledPlane<T>& p) {
  to_frequencies<InputMatrix, T, 1>(p);
}

template <typename T>
void input_adjoint(const TiledPlane<T>& p) {
  std::memset(p.plane, 0, sizeof(T) * static_cast<size_t>(p.height * p.width * p.channels));
  from_frequencies<InputAdjoint, T, 1, true>(p);
}

template <typename T>
void output_transform(const TiledPlane<T>& p) {
  from_frequencies<OutputMatrix, T, 0, false>(p);
}

template <typename T>
void output_adjoint(const TiledPlane<T>& p) {
  to_frequencies<OutputAdjoint, T, 0>(p);
}

template <typename T>
void filter_transform(const T* taps, int64_t count, T* frequencies, int64_t stride) {
  for (int64_t i = 0; i < count; i += kLanes<T>) {
    transform<FilterMatrix, T>(
        [&](int t) { return load(taps + t * count + i); },
        [&](int f, const Vec<T>& value) { store(frequencies + f * stride + i, value); });
  }
}

template <typename T>
void filter_adjoint(const T* frequencies, int64_t stride, int64_t count, T* taps) {
  for (int64_t i = 0; i < count; i += kLanes<T>) {
    transform<FilterAdjoint, T>(
        [&](int f) { return load(frequencies + f * stride + i); },
        [&](int t, const Vec<T>& value) { store(taps + t * count + i, value); });
  }
}

}  // namespace mkdt::native::MKDT_ISA_NAMESPACE
