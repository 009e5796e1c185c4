#include "mkdt/base/memory.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <sys/mman.h>

#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace mkdt {
namespace {

constexpr size_t kPage = 4096;

size_t whole_pages(size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

// The cache may keep this much beyond the most that was ever in use at once, so that sizes of
// earlier work make room.
size_t spare(size_t most_in_use) { return most_in_use / 4; }

}  // namespace

BlockCache::~BlockCache() {
  for (const Block& block : kept_) munmap(block.memory, block.bytes);
}

size_t BlockCache::bytes_in_use() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return in_use_bytes_;
}

size_t BlockCache::bytes_kept() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return kept_bytes_;
}

size_t BlockCache::bytes_at_most() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return most_in_use_;
}

size_t BlockCache::spare_bytes() const { return spare(bytes_at_most()); }

void* BlockCache::allocate(size_t bytes) {
  bytes = std::max(whole_pages(bytes), kPage);
  const std::lock_guard<std::mutex> lock(mutex_);
  void* memory = reuse(bytes);
  if (memory == nullptr) {
    const size_t most = std::max(most_in_use_, in_use_bytes_ + bytes);
    release_beyond(most + spare(most) - in_use_bytes_ - bytes);
    const auto map = [&] {
      return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    };
    memory = map();
    if (memory == MAP_FAILED) {
      release_beyond(0);
      memory = map();
    }
    if (memory == MAP_FAILED) return nullptr;
  }
  in_use_[memory] = bytes;
  in_use_bytes_ += bytes;
  most_in_use_ = std::max(most_in_use_, in_use_bytes_);
  return memory;
}

bool BlockCache::free(void* block) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = in_use_.find(block);
  if (found == in_use_.end()) return false;
  const size_t bytes = found->second;
  in_use_.erase(found);
  in_use_bytes_ -= bytes;
  kept_bytes_ += bytes;
  kept_.push_back({block, bytes});
  by_size_.emplace(bytes, std::prev(kept_.end()));
  return true;
}

void BlockCache::release_kept() {
  const std::lock_guard<std::mutex> lock(mutex_);
  release_beyond(0);
  most_in_use_ = in_use_bytes_;
}

void* BlockCache::reuse(size_t bytes) {
  const auto found = by_size_.find(bytes);
  if (found == by_size_.end()) return nullptr;
  void* const memory = found->second->memory;
  kept_.erase(found->second);
  by_size_.erase(found);
  kept_bytes_ -= bytes;
  return memory;
}

void BlockCache::release(Kept::iterator block) {
  const auto [first, last] = by_size_.equal_range(block->bytes);
  by_size_.erase(
      std::find_if(first, last, [&](const auto& entry) { return entry.second == block; }));
  kept_bytes_ -= block->bytes;
  munmap(block->memory, block->bytes);
  kept_.erase(block);
}

void BlockCache::release_beyond(size_t bytes) {
  while (kept_bytes_ > bytes) release(kept_.begin());
}

namespace {

constexpr size_t kSmallest = size_t{1} << 20;

BlockCache& program_cache() {
  static auto* const cache = new BlockCache;  // tensors may outlive every static
  return *cache;
}

void free_any(void* block) {
  if (!program_cache().free(block)) c10::GetDefaultCPUAllocator()->raw_deallocate(block);
}

// `allocate` is const up to libtorch 2.2 and not const from 2.3 on; one of the two overrides it.
// copy_data is there from 2.2 on.
#if defined(__clang__)
#pragma clang diagnostic ignored "-Winconsistent-missing-override"
#endif
// NOLINTBEGIN(modernize-use-override)
class CachingAllocator final : public c10::Allocator {
 public:
  explicit CachingAllocator(c10::Allocator& small) : small_(small) {}

  c10::DeleterFnPtr raw_deleter() const override { return free_any; }
  c10::DataPtr allocate(size_t bytes) const { return take(bytes); }
  c10::DataPtr allocate(size_t bytes) { return take(bytes); }
  void copy_data(void* to, const void* from, size_t bytes) const { std::memcpy(to, from, bytes); }

 private:
  c10::DataPtr take(size_t bytes) const {
    if (bytes < kSmallest) return small_.allocate(bytes);
    void* const memory = program_cache().allocate(bytes);
    TORCH_CHECK(memory != nullptr, "not enough memory: ", bytes, " bytes for a tensor");
    return {memory, memory, free_any, c10::Device(c10::DeviceType::CPU)};
  }

  c10::Allocator& small_;
};
// NOLINTEND(modernize-use-override)

}  // namespace

void cache_cpu_tensors() {
  // It stands beside PyTorch's own, whose priority is 0.
  c10::SetCPUAllocator(new CachingAllocator(*c10::GetDefaultCPUAllocator()), /*priority=*/1);
}

int64_t spare_tensor_memory() { return static_cast<int64_t>(program_cache().spare_bytes()); }

void give_back_memory() {
  program_cache().release_kept();
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

torch::Tensor zeros_on_pages(at::IntArrayRef sizes, const torch::TensorOptions& options) {
  size_t bytes = options.dtype().itemsize();
  for (const int64_t extent : sizes) bytes *= static_cast<size_t>(extent);
  if (!options.device().is_cpu() || bytes == 0) return torch::zeros(sizes, options);

  void* const pages =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  return torch::from_blob(
      pages, sizes, [bytes](void* memory) { ::munmap(memory, bytes); }, options);
}

}  // namespace mkdt
