// Memory for big tensors on a CPU: blocks that are kept for the next tensor of the same size, and
// blocks straight from the system.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <unordered_map>

#include <torch/types.h>

namespace mkdt {

// Blocks of whole pages from the system. A training step allocates and frees the same sizes every
// time: kept, they cost no page faults; not cut into pieces and never merged, they leave no holes,
// so that the hundredth step needs what the second one needed. Thread-safe.
class BlockCache {
 public:
  BlockCache() = default;
  ~BlockCache();
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  // Starts on a page; the contents are whatever they were. Null if the system has no more.
  void* allocate(size_t bytes);
  // What allocate returned; false, and nothing done, for anything else.
  bool free(void* block);
  // Gives back what is kept and forgets how much was ever in use.
  void release_kept();

  size_t bytes_in_use() const;
  size_t bytes_kept() const;  // free, for the next ones
  size_t bytes_at_most() const;
  size_t spare_bytes() const;  // kept at most for sizes that nobody asks for any more

 private:
  struct Block {
    void* memory;
    size_t bytes;
  };
  using Kept = std::list<Block>;  // the one that was freed first is in front

  void* reuse(size_t bytes);
  void release(Kept::iterator block);
  void release_beyond(size_t bytes);

  mutable std::mutex mutex_;
  std::unordered_map<void*, size_t> in_use_;
  Kept kept_;
  std::multimap<size_t, Kept::iterator> by_size_;
  size_t in_use_bytes_ = 0, kept_bytes_ = 0, most_in_use_ = 0;
};

// From now on PyTorch takes CPU tensors of a mebibyte and more from a BlockCache that lives as long
// as the program. Called once, before there are other threads. The cache is the state of the whole
// process, an exception to the rule that state is passed in: libtorch has one CPU allocator, and
// its tensors know no other way back.
void cache_cpu_tensors();

// Bytes that the cache keeps, at most, for sizes that are no longer asked for: of the memory that
// was in use at once since give_back_memory, a quarter.
int64_t spare_tensor_memory();

// Gives the system back what that cache keeps, and what the C library's heap does (glibc's): the
// next piece of work pays for its own memory only. It concerns the heap of the whole process,
// which is nobody's to pass in; values do not change by it.
void give_back_memory();

// Memory straight from the system, for the few large blocks that live through a computation: in
// the heap they would be cut up, or would not fit into the hole that the one before them left.

// Like torch::zeros; on a CPU its pages are taken from the system when they are first touched and
// given back with the tensor. Throws std::bad_alloc if the system has no address space left.
torch::Tensor zeros_on_pages(at::IntArrayRef sizes, const torch::TensorOptions& options);

}  // namespace mkdt
