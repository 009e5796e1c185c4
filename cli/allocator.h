// The memory allocators, set up for a program that allocates and frees big tensors all the time.
#pragma once

#include <string>

namespace mkdt::cli {

// By default big blocks go back to the system when they are freed, and most of the time of a
// training step is page faults: keeping them makes a graph of autograd about twice as fast.
//   "default"  the C library's own settings
//   "tuned"    glibc's allocator keeps what is freed; other C libraries are left as they are
//   "cached"   that, and tensors take their memory from a cache of blocks (base/memory.h)
// To be called once, before anything is allocated by other threads.
void use_allocator(const std::string& name);

}  // namespace mkdt::cli
