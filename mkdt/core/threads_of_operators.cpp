#include "mkdt/core/threads_of_operators.h"

#include <omp.h>

#include <ATen/Parallel.h>

namespace mkdt {

ThreadsOfOperators::ThreadsOfOperators(int threads) : before_(at::get_num_threads()) {
  // libtorch sets its own number for every thread that is new to it, once in each library that has
  // a copy of parallel_for(): get_num_threads() has done so in libtorch, and this does it here.
  // From then on OpenMP's number of this thread is the one that counts.
  at::parallel_for(0, 1, 1, [](int64_t, int64_t) {});
  omp_set_num_threads(threads);
}

ThreadsOfOperators::~ThreadsOfOperators() { omp_set_num_threads(before_); }

}  // namespace mkdt
