// Multiplies matrices by blocks that fit the registers.
#pragma once

#include "mkdt/nn/native/kernels.h"
#include "mkdt/nn/native/simd.h"

namespace mkdt::native::MKDT_ISA_NAMESPACE {

// kRows × kVectors accumulators, kVectors of b and a factor of a fit the registers.
constexpr int kRows = 6;
constexpr int kVectors = MKDT_VECTOR_BYTES == 64 ? 4 : 2;

// Fetches the next product's numbers, a few lines at a time while this one is computed.
template <typename T>
class Prefetch {
 public:
  explicit Prefetch(const MatrixProduct<T>& p)
      : next_(reinterpret_cast<const char*>(p.next)),
        end_(next_ == nullptr ? nullptr : next_ + p.next_size * int64_t{sizeof(T)}) {
    constexpr int64_t kWidth = kVectors * kLanes<T>;
    const int64_t blocks = ((p.rows + kRows - 1) / kRows) * ((p.columns + kWidth - 1) / kWidth);
    const int64_t moments = blocks * p.depth * (p.a2 != nullptr ? 2 : 1);
    lines_ = ((end_ - next_) / kLine + moments - 1) / moments;
  }
  bool done() const { return next_ >= end_; }
  void some() {
    for (int64_t i = 0; i < lines_; ++i, next_ += kLine) __builtin_prefetch(next_, 0, 2);
  }

 private:
  static constexpr int64_t kLine = 64;
  const char* next_;
  const char* end_;
  int64_t lines_;
};

// sums += the block of a·b at `row` and `column`.
template <typename T, int Rows, int Vectors, bool kFetch>
inline void add_block(const MatrixProduct<T>& p, const T* a, const T* b, Prefetch<T>& prefetch,
                      Vec<T> (&sums)[Rows][Vectors]) {
  for (int64_t k = 0; k < p.depth; ++k, a += p.a_step, b += p.b_row) {
    if constexpr (kFetch) prefetch.some();
    Vec<T> factors[Vectors];
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) factors[v] = load(b + v * kLanes<T>);
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      const T scale = a[r * p.a_row];
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; ++v) sums[r][v] += scale * factors[v];
    }
  }
}

template <typename T, int Rows, int Vectors, bool kFetch>
inline void multiply_block(const MatrixProduct<T>& p, int64_t row, int64_t column,
                           Prefetch<T>& prefetch) {
  T* c = p.c + row * p.c_row + column;
  for (int r = 0; r < Rows; ++r) {  // on their way while the sums are made
    for (int v = 0; v < Vectors; ++v) __builtin_prefetch(c + r * p.c_row + v * kLanes<T>, 1);
  }
  Vec<T> sums[Rows][Vectors] = {};
  const int64_t from = row * p.a_row;
  add_block<T, Rows, Vectors, kFetch>(p, p.a + from, p.b + column, prefetch, sums);
  if (p.a2 != nullptr) {
    add_block<T, Rows, Vectors, kFetch>(p, p.a2 + from, p.b2 + column, prefetch, sums);
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) {
      T* const to = c + r * p.c_row + v * kLanes<T>;
      store(to, p.accumulate ? load(to) + sums[r][v] : sums[r][v]);
    }
  }
}

// Multiplies the rows that are left, then the columns that are left.
template <typename T, int Rows, int Vectors>
void multiply_panel(const MatrixProduct<T>& p, int64_t row, int64_t column, Prefetch<T>& prefetch) {
  for (; row + Rows <= p.rows; row += Rows) {
    if (prefetch.done()) {
      multiply_block<T, Rows, Vectors, false>(p, row, column, prefetch);
    } else {
      multiply_block<T, Rows, Vectors, true>(p, row, column, prefetch);
    }
  }
  if constexpr (Rows > 1) {
    if (row < p.rows) multiply_panel<T, Rows - 1, Vectors>(p, row, column, prefetch);
  }
}

template <typename T, int Vectors>
void multiply_columns(const MatrixProduct<T>& p, int64_t column, Prefetch<T>& prefetch) {
  constexpr int64_t kWidth = Vectors * kLanes<T>;
  for (; column + kWidth <= p.columns; column += kWidth) {
    multiply_panel<T, kRows, Vectors>(p, 0, column, prefetch);
  }
  if constexpr (Vectors > 1) {
    if (column < p.columns) multiply_columns<T, Vectors - 1>(p, column, prefetch);
  }
}

template <typename T>
void multiply(const MatrixProduct<T>& product) {
  if (product.rows == 0 || product.columns == 0) return;
  Prefetch<T> prefetch(product);
  multiply_columns<T, kVectors>(product, 0, prefetch);
}

}  // namespace mkdt::native::MKDT_ISA_NAMESPACE
