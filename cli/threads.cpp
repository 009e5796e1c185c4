#include "cli/threads.h"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
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

// Not linked against: which BLAS is behind libtorch is the system's choice.
void quieten_openblas() {
  if (std::getenv("OPENBLAS_NUM_THREADS") != nullptr) return;
  using SetThreads = void (*)(int);
  const auto set_threads =
      reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set_threads != nullptr) set_threads(1);
}

}  // namespace

void use_threads(int64_t threads) {
  at::set_num_threads(threads > 0 ? static_cast<int>(threads) : available_cores());
  quieten_openblas();
}

}  // namespace mkdt::cli
