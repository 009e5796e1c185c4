// How many threads libtorch computes with.
#pragma once

#include <cstdint>

namespace mkdt::cli {

// 0 is one a core that this process may use. Must be called explicitly: Debian's libtorch starts
// with one.
void use_threads(int64_t threads);

}  // namespace mkdt::cli
