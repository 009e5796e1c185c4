// What libtorch computes with.
#pragma once

#include <cstdint>

#include "mkdt/run/config.h"

namespace mkdt::cli {

// Threads of libgomp that wait for each other spin before they sleep, by default for some 15 ms: a
// thread that lost its core to another program is then waited for until it has it back, while it
// could have gone on where the waiting one spins. How long is read before main(), so this begins
// the program once more, with the same `arguments` and a shorter time, where the user has set none.
// To be called before anything was done.
void spin_briefly(char** arguments);

// The same computation twice gives the same bits on a GPU, too. Before anything is computed there.
void same_bits_on_gpus();

// 0 is one a core that this process may use, by its affinity and its container's quota. Must be
// called explicitly: Debian's libtorch starts with one. OpenBLAS, where it is what libtorch
// multiplies matrices with, is held to one thread unless OPENBLAS_NUM_THREADS is set: its idle
// threads spin, which on few cores costs the other operators more than small products gain (2.3× on
// two cores).
void use_threads(int64_t threads);

// The cores, the threads and the precision of products that [runtime] asks for. Error naming a core
// that this process may not use. Before there are other threads.
void set_up(const RuntimeOptions& runtime);

}  // namespace mkdt::cli
