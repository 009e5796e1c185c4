// One vector of the instruction set for which the translation unit is compiled. Include only from
// the kernels: MKDT_ISA_NAMESPACE and MKDT_VECTOR_BYTES come from the command line, and keep the
// instruction sets' instantiations apart.
#pragma once

#include <cstdint>
#include <cstring>

namespace mkdt::native::MKDT_ISA_NAMESPACE {

template <typename T>
struct VectorOf;
template <>
struct VectorOf<float> {
  typedef float Type __attribute__((vector_size(MKDT_VECTOR_BYTES)));
};
template <>
struct VectorOf<double> {
  typedef double Type __attribute__((vector_size(MKDT_VECTOR_BYTES)));
};

template <typename T>
using Vec = typename VectorOf<T>::Type;
template <typename T>
constexpr int64_t kLanes = MKDT_VECTOR_BYTES / static_cast<int64_t>(sizeof(T));

template <typename T>
inline Vec<T> load(const T* from) {
  Vec<T> value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

template <typename T>
inline void store(T* to, const Vec<T>& value) {
  std::memcpy(to, &value, sizeof(value));
}

template <typename T>
inline void add_to(T* to, const Vec<T>& value) {
  store(to, load(to) + value);
}

}  // namespace mkdt::native::MKDT_ISA_NAMESPACE
