// Sixteen channels of one pixel. Include only from the kernels: MKDT_ISA_NAMESPACE comes from the
// command line, and keeps the instruction sets' instantiations apart.
#pragma once

#include <cstdint>
#include <cstring>
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#include "mkdt/nn/residual/kernels.h"

namespace mkdt::residual::MKDT_ISA_NAMESPACE {

constexpr int64_t kLanes = 16;

template <typename S>
struct SixteenOf;
template <>
struct SixteenOf<float> {
  typedef float Type __attribute__((vector_size(64)));
};
template <>
struct SixteenOf<double> {
  typedef double Type __attribute__((vector_size(128)));
};
template <typename S>
using Sixteen = typename SixteenOf<S>::Type;

typedef uint16_t SixteenHalves __attribute__((vector_size(32)));
typedef uint32_t SixteenWords __attribute__((vector_size(64)));

// Sixteen numbers of 16 bits as such of 32.
inline SixteenWords widen_halves(const Bf16* from) {
#if defined(__AVX512F__)  // for which GCC 12 takes the conversion below apart
  const __m512i words =
      _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
  SixteenWords all;
  std::memcpy(&all, &words, sizeof(all));
  return all;
#else
  SixteenHalves halves;
  std::memcpy(&halves, from, sizeof(halves));
  return __builtin_convertvector(halves, SixteenWords);
#endif
}

template <typename S>
inline Sixteen<S> load(const S* from) {
  Sixteen<S> value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}
inline Sixteen<float> load(const Bf16* from) {
  const SixteenWords words = widen_halves(from) << 16;
  Sixteen<float> value;
  std::memcpy(&value, &words, sizeof(value));
  return value;
}

template <typename S>
inline void store(S* to, const Sixteen<S>& value) {
  std::memcpy(to, &value, sizeof(value));
}
// Rounds to nearest, halves to even.
inline void store(Bf16* to, const Sixteen<float>& value) {
#if defined(__AVX512BF16__)
  __m512 all;
  std::memcpy(&all, &value, sizeof(all));
  const __m256bh halves = _mm512_cvtneps_pbh(all);
#else
  SixteenWords words;
  std::memcpy(&words, &value, sizeof(words));
  words += 0x7fff + (words >> 16 & 1);
  const SixteenHalves halves = __builtin_convertvector(words >> 16, SixteenHalves);
#endif
  std::memcpy(to, &halves, sizeof(halves));
}

inline float widen(Bf16 value) {
  const uint32_t word = static_cast<uint32_t>(value.bits) << 16;
  float wide;
  std::memcpy(&wide, &word, sizeof(wide));
  return wide;
}
inline float widen(float value) { return value; }
inline double widen(double value) { return value; }

template <typename S>
inline Sixteen<S> positive(const Sixteen<S>& value) {
  return value > 0 ? value : Sixteen<S>{};
}

}  // namespace mkdt::residual::MKDT_ISA_NAMESPACE
