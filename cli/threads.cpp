#include "cli/threads.h"

#include <algorithm>
#include <thread>

#include <ATen/Parallel.h>

#if defined(__linux__)
#include <sched.h>
#endif

namespace mkdt::cli {
namespace {

int available_cores() {
#if defined(__linux__)
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof(cores), &cores) == 0) return std::max(1, CPU_COUNT(&cores));
#endif
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace

void use_threads(int64_t threads) {
  at::set_num_threads(threads > 0 ? static_cast<int>(threads) : available_cores());
}

}  // namespace mkdt::cli
