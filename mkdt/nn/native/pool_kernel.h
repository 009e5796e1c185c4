// ReLU and 2×2 average pool on channels-last planes, for the first block: names in kernels.h.
#pragma once

#include "mkdt/nn/native/kernels.h"
#include "mkdt/nn/native/simd.h"

namespace mkdt::native::MKDT_ISA_NAMESPACE {

// A byte for each lane: bit k says whether the k-th pixel of a cell was positive.
template <typename T>
struct PositiveBits {
  typedef uint8_t Bytes __attribute__((vector_size(kLanes<T>)));
  using Lanes = decltype(Vec<T>{} <= Vec<T>{});

  static Lanes get(const uint8_t* from) {
    Bytes bytes;
    std::memcpy(&bytes, from, sizeof(bytes));
    return __builtin_convertvector(bytes, Lanes);
  }
  static void put(const Lanes& bits, uint8_t* to) {
    const Bytes bytes = __builtin_convertvector(bits, Bytes);
    std::memcpy(to, &bytes, sizeof(bytes));
  }
};

// Calls body(first pixel's offset, cell's offset) for every pooled pixel and vector of channels.
template <typename T, typename Body>
inline void for_pooled(const PoolPlane<T>& p, Body body) {
  const int64_t row = p.width * p.channels;
  int64_t cell = 0;
  for (int64_t i = 0; i + 1 < p.height; i += 2) {
    for (int64_t j = 0; j + 1 < p.width; j += 2, cell += p.channels) {
      for (int64_t c = 0; c < p.channels; c += kLanes<T>) {
        body(i * row + j * p.channels + c, cell + c, c);
      }
    }
  }
}

// A value ≤ 0 is not positive, so that NaN comes out, as it does of torch::relu: a diverged student
// must not look healthy.
template <typename T>
void relu_pool(const PoolPlane<T>& p) {
  const int64_t right = p.channels, below = p.width * p.channels;
  for_pooled(p, [&](int64_t first, int64_t cell, int64_t c) {
    const Vec<T> shift = load(p.shift + c);
    const int64_t pixels[4] = {first, first + right, first + below, first + below + right};
    Vec<T> sum{};
    typename PositiveBits<T>::Lanes bits{};
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      const Vec<T> z = load(p.plane + pixels[k]) + shift;
      const auto off = z <= T(0);
      sum += off ? Vec<T>{} : z;
      bits |= ~off & (1 << k);
    }
    store(p.pooled + cell, sum * T(0.25));
    PositiveBits<T>::put(bits, p.positive + cell);
  });
}

template <typename T>
void masked_pool(const PoolPlane<T>& p) {
  const int64_t right = p.channels, below = p.width * p.channels;
  for_pooled(p, [&](int64_t first, int64_t cell, int64_t c) {
    const Vec<T> shift = load(p.shift + c);
    const auto bits = PositiveBits<T>::get(p.positive + cell);
    const int64_t pixels[4] = {first, first + right, first + below, first + below + right};
    Vec<T> sum{};
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      const Vec<T> z = load(p.plane + pixels[k]) + shift;
      sum += (bits & (1 << k)) == 0 ? Vec<T>{} : z;
    }
    store(p.pooled + cell, sum * T(0.25));
  });
}

template <typename T>
void masked_pool_adjoint(const PoolPlane<T>& p) {
  const int64_t right = p.channels, below = p.width * p.channels;
  for_pooled(p, [&](int64_t first, int64_t cell, int64_t c) {
    const auto bits = PositiveBits<T>::get(p.positive + cell);
    const Vec<T> share = load(p.pooled + cell) * T(0.25);
    const int64_t pixels[4] = {first, first + right, first + below, first + below + right};
    Vec<T> sum{};
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      const Vec<T> gradient = (bits & (1 << k)) == 0 ? Vec<T>{} : share;
      store(p.plane + pixels[k], gradient);
      sum += gradient;
    }
    add_to(p.sums + c, sum);
  });
  // Clears what an odd plane has beyond its cells.
  const auto clear = [&](int64_t row, int64_t column) {
    T* const pixel = p.plane + (row * p.width + column) * p.channels;
    std::memset(pixel, 0, sizeof(T) * static_cast<size_t>(p.channels));
  };
  if (p.width % 2 == 1) {
    for (int64_t i = 0; i < p.height; ++i) clear(i, p.width - 1);
  }
  if (p.height % 2 == 1) {
    for (int64_t j = 0; j < p.width; ++j) clear(p.height - 1, j);
  }
}

}  // namespace mkdt::native::MKDT_ISA_NAMESPACE
