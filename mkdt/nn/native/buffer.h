// Zero-initialised arrays that start on a cache line.
#pragma once

#include <cstdint>
#include <new>
#include <vector>

namespace mkdt::native {

template <typename T>
struct CacheLineAllocator {
  using value_type = T;
  CacheLineAllocator() = default;
  template <typename U>
  explicit CacheLineAllocator(const CacheLineAllocator<U>& /*other*/) {}

  T* allocate(size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), kAlignment));
  }
  void deallocate(T* memory, size_t /*count*/) { ::operator delete(memory, kAlignment); }
  bool operator==(const CacheLineAllocator& /*other*/) const { return true; }
  bool operator!=(const CacheLineAllocator& /*other*/) const { return false; }

 private:
  static constexpr std::align_val_t kAlignment{64};
};

template <typename T>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(int64_t size) : values_(static_cast<size_t>(size)) {}

  T* data() { return values_.data(); }
  const T* data() const { return values_.data(); }
  int64_t size() const { return static_cast<int64_t>(values_.size()); }
  void clear() { values_.assign(values_.size(), T(0)); }

 private:
  std::vector<T, CacheLineAllocator<T>> values_;
};

}  // namespace mkdt::native
