#include "mkdt/core/threads_of_operators.h"

#include <omp.h>

#include <ATen/Parallel.h>

namespace mkdt {

ThreadsOfOperators::ThreadsOfOperators(int threads) : before_(at::get_num_threads()) {
  // at::get_num_threads() has set libtorch's own number for a thread that is new to it; from here
  // on OpenMP's number of this thread is the one that counts.
  omp_set_num_threads(threads);
}

ThreadsOfOperators::~ThreadsOfOperators() { omp_set_num_threads(before_); }

}  // namespace mkdt
