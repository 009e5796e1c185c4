// Provides memory for big tensors on a CPU: blocks that are kept for the next tensor of their size,
// and blocks straight from the system.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <unordered_map>

#include <torch/types.h>

namespace mkdt {

// Keeps blocks of whole pages from the system. A training step allocates and frees the same sizes
// every time: kept, they cost no page faults; not cut into pieces and never merged, they leave no
// holes, so that the hundredth step needs as much as the second one did. Thread-safe.
class BlockCache {
 public:
  BlockCache() = default;
  ~BlockCache();
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  // Returns a block that begins with a page and has any contents; null if the system has no more.
  void* allocate(size_t bytes);
  // Takes back a block that allocate returned. Returns false, and does nothing, for any other.
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

// Returns how many bytes the cache keeps, at most, for sizes that are no longer asked for: a
// quarter of the memory that was in use at once since give_back_memory.
int64_t spare_tensor_memory();

// Gives the system back what that cache keeps, and what the C library's heap does (glibc's): the
// next piece of work pays for its own memory only. The heap is the whole process's, and no caller
// could pass it in; values do not change by it.
void give_back_memory();

// Makes zeros as torch::zeros does, but on a CPU in pages straight from the system, which come when
// they are first touched and go with the tensor. It is for the few large blocks that live through a
// computation: in the heap they would be cut up, or would not fit into the hole that the one before
// them left. Throws std::bad_alloc if the system has no address space left.
torch::Tensor zeros_on_pages(at::IntArrayRef sizes, const torch::TensorOptions& options);

}  // namespace mkdt
