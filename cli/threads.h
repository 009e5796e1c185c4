// Sets up the threads, cores and arithmetic with which libtorch computes.
#pragma once

#include <cstdint>

#include "mkdt/run/config.h"

namespace mkdt::cli {

// Shortens the time for which waiting threads spin. Threads of libgomp that wait for each other
// spin before they sleep, by default for some 15 ms: a thread that lost its core to another program
// is then waited for until it has it back, while it could run where the waiting one spins. The time
// is read before main(), so this starts the program once more, with the same `arguments` and a
// shorter time, where the user has set none. To be called before all else.
void spin_briefly(char** arguments);

// Makes repeated computations give the same bits on a GPU, too. To be called before anything is
// computed there.
void same_bits_on_gpus();

// Sets the number of threads, where 0 is one a core that this process may use, by its affinity and
// its container's quota. Must be called explicitly: Debian's libtorch starts with one. Where
// libtorch multiplies matrices by OpenBLAS, that is held to one thread unless OPENBLAS_NUM_THREADS
// is set: its idle threads spin, which on few cores costs the other operators more than small
// products gain (2.3× on two cores).
void use_threads(int64_t threads);

// Sets the cores, the threads and the precision of products as [runtime] says, before there are
// other threads. Throws Error naming a core that this process may not use.
void set_up(const RuntimeOptions& runtime);

}  // namespace mkdt::cli
