// glibc's allocator, set up for a program that allocates and frees big tensors all the time.
#pragma once

namespace mkdt::cli {

// By default big blocks go back to the system when they are freed, and most of the time of a
// training step is page faults. Keeps them instead: about twice as fast for graphs of autograd.
// To be called before anything is allocated by other threads. Does nothing on other C libraries.
void keep_freed_memory();

}  // namespace mkdt::cli
