// Zero-initialised arrays that start on a cache line, large ones on a huge page where there are
// such: with small pages, looking up addresses took 3 to 5 % of a step.
#pragma once

#include <cstdint>
#include <new>
#include <sys/mman.h>
#include <vector>

namespace mkdt::native {

template <typename T>
struct CacheLineAllocator {
  using value_type = T;
  CacheLineAllocator() = default;
  template <typename U>
  explicit CacheLineAllocator(const CacheLineAllocator<U>& /*other*/) {}

  T* allocate(size_t count) {
    const size_t bytes = count * sizeof(T);
    void* const memory = ::operator new(bytes, alignment(bytes));
#if defined(MADV_HUGEPAGE)
    if (bytes >= kHugePage) ::madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, size_t count) {
    ::operator delete(memory, alignment(count * sizeof(T)));
  }
  bool operator==(const CacheLineAllocator& /*other*/) const { return true; }
  bool operator!=(const CacheLineAllocator& /*other*/) const { return false; }

 private:
  static constexpr size_t kCacheLine = 64, kHugePage = size_t{2} << 20;
  static std::align_val_t alignment(size_t bytes) {
    return std::align_val_t(bytes >= kHugePage ? kHugePage : kCacheLine);
  }
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
