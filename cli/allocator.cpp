#include "cli/allocator.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "mkdt/base/memory.h"

namespace mkdt::cli {

namespace {

void keep_freed_memory() {
#if defined(__GLIBC__)
  constexpr int kNever = 2'000'000'000;  // bytes
  mallopt(M_MMAP_THRESHOLD, kNever);
  mallopt(M_TRIM_THRESHOLD, kNever);
  mallopt(M_TOP_PAD, 256 << 20);
  mallopt(M_ARENA_MAX, 2);  // for the two threads of SideBySide, which would wait for one arena
#endif
}

}  // namespace

void use_allocator(const std::string& name) {
  if (name == "default") return;
  keep_freed_memory();
  if (name == "cached") cache_cpu_tensors();
}

}  // namespace mkdt::cli
