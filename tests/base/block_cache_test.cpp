#include <cstring>
#include <thread>
#include <vector>

#include <c10/core/CPUAllocator.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "mkdt/base/memory.h"

namespace mkdt {
namespace {

constexpr size_t kPage = 4096;

TEST(BlockCache, GivesAFreedBlockToTheNextOfItsSize) {
  BlockCache cache;
  void* const first = cache.allocate(3 * kPage);
  std::memset(first, 7, 3 * kPage);
  EXPECT_EQ(cache.bytes_in_use(), 3 * kPage);
  cache.free(first);
  EXPECT_EQ(cache.bytes_in_use(), 0);
  EXPECT_EQ(cache.bytes_kept(), 3 * kPage);
  EXPECT_EQ(cache.allocate(3 * kPage - 5), first);  // the same number of pages
  EXPECT_NE(cache.allocate(3 * kPage), first);
  EXPECT_EQ(cache.bytes_kept(), 0);
}

TEST(BlockCache, DoesNotGiveABlockToAnotherSize) {
  BlockCache cache;
  void* const large = cache.allocate(8 * kPage);
  EXPECT_TRUE(cache.free(large));
  EXPECT_FALSE(cache.free(large));
  EXPECT_NE(cache.allocate(7 * kPage), large);
}

// A step that always allocates the same sizes needs no more the hundredth time.
TEST(BlockCache, DoesNotGrowOverEqualSteps) {
  BlockCache cache;
  size_t after_second = 0;
  for (int step = 0; step < 100; ++step) {
    std::vector<void*> blocks;
    for (size_t pages = 1; pages <= 16; pages *= 2) {
      for (int i = 0; i < 3; ++i) blocks.push_back(cache.allocate(pages * kPage));
      cache.free(blocks[blocks.size() / 2]);
      blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(blocks.size() / 2));
    }
    for (void* block : blocks) cache.free(block);
    if (step == 1) after_second = cache.bytes_kept();
  }
  EXPECT_EQ(cache.bytes_kept(), after_second);
  EXPECT_LE(after_second, cache.bytes_at_most() * 5 / 4);
}

TEST(BlockCache, GivesBackAllThatItKeepsAndForgetsHowMuchThereWas) {
  BlockCache cache;
  void* const used = cache.allocate(2 * kPage);
  cache.free(cache.allocate(500 * kPage));
  cache.release_kept();
  EXPECT_EQ(cache.bytes_kept(), 0);
  EXPECT_EQ(cache.bytes_in_use(), 2 * kPage);
  EXPECT_EQ(cache.bytes_at_most(), 2 * kPage);
  EXPECT_TRUE(cache.free(used));
}

// Sizes of an earlier stage do not stay for ever.
TEST(BlockCache, KeepsAQuarterMoreThanWasInUseAtOnce) {
  BlockCache cache;
  for (size_t pages = 100; pages < 200; ++pages) cache.free(cache.allocate(pages * kPage));
  EXPECT_EQ(cache.spare_bytes(), 199 * kPage / 4);
  EXPECT_LE(cache.bytes_kept(), 199 * kPage + cache.spare_bytes());
  EXPECT_GE(cache.bytes_kept(), 199 * kPage);
}

TEST(BlockCache, SurvivesManyThreads) {
  BlockCache cache;
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, t] {
      for (size_t i = 0; i < 500; ++i) {
        const size_t bytes = (1 + (i * 7 + t) % 5) * kPage;
        auto* const block = static_cast<unsigned char*>(cache.allocate(bytes));
        std::memset(block, static_cast<int>(t), bytes);
        EXPECT_EQ(block[bytes - 1], t);
        cache.free(block);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(cache.bytes_in_use(), 0);
}

TEST(BlockCache, ServesTensors) {
  cache_cpu_tensors();
  const void* first = nullptr;
  {
    const torch::Tensor big = torch::ones({1024, 1024});
    first = big.data_ptr();
    EXPECT_EQ(big.sum().item<float>(), 1024 * 1024);
  }
  const torch::Tensor again = torch::empty({1024, 1024});
  EXPECT_EQ(again.data_ptr(), first);
  torch::Tensor copy = again.fill_(2).clone();
  EXPECT_EQ(copy.sum().item<float>(), 2 * 1024 * 1024);
  EXPECT_EQ(torch::ones({3}).sum().item<float>(), 3);
  c10::Allocator* const allocator = c10::GetCPUAllocator();
  for (const size_t bytes : {size_t{100}, size_t{1} << 21}) {
    allocator->raw_deallocate(allocator->raw_allocate(bytes));
  }
}

}  // namespace
}  // namespace mkdt
