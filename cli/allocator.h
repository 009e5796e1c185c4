// Sets the memory allocators up for a program that allocates and frees big tensors all the time.
#pragma once

#include <string>

namespace mkdt::cli {

// Chooses an allocator by its name. By default big blocks go back to the system when they are
// freed, and most of the time of a training step is page faults: keeping them makes a graph of
// autograd about twice as fast. To be called once, before other threads allocate anything.
//   "default"  leaves the C library's own settings
//   "tuned"    has glibc's allocator keep freed memory; other C libraries are left as they are
//   "cached"   does that, and tensors take their memory from a cache of blocks (base/memory.h)
void use_allocator(const std::string& name);

}  // namespace mkdt::cli
