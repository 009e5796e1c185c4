// How many threads libtorch computes with.
#pragma once

#include <cstdint>

namespace mkdt::cli {

// 0 is one a core that this process may use. Must be called explicitly: Debian's libtorch starts
// with one. OpenBLAS, where it is what libtorch multiplies matrices with, is held to one thread
// unless OPENBLAS_NUM_THREADS is set: its idle threads spin, which on few cores costs the other
// operators more than small products gain (2.3× on two cores).
void use_threads(int64_t threads);

}  // namespace mkdt::cli
