#include "cli/threads.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <system_error>
#include <thread>
#include <unistd.h>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include "mkdt/base/device.h"
#include "mkdt/base/error.h"
#include "mkdt/base/machine.h"

#if defined(__linux__)
#include <sched.h>
#endif

namespace mkdt::cli {
namespace {

// Turns of a waiting thread before it sleeps: 0.15 ms on processors whose pause takes 140 cycles.
constexpr const char* kTurns = "3000";

int permitted_cores() {
#if defined(__linux__)
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof(cores), &cores) == 0) return std::max(1, CPU_COUNT(&cores));
#endif
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

// Threads beyond a container's quota are stopped in turn, each while the others wait for it.
int available_cores() {
  const double quota = std::ceil(cpu_quota().value_or(permitted_cores()));
  return std::max(1, static_cast<int>(std::min<double>(quota, permitted_cores())));
}

void stay_on(const std::vector<int64_t>& wanted) {
#if defined(__linux__)
  cpu_set_t allowed, cores;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) CPU_ZERO(&allowed);
  CPU_ZERO(&cores);
  for (const int64_t core : wanted) {
    if (core >= CPU_SETSIZE || !CPU_ISSET(static_cast<size_t>(core), &allowed)) {
      throw Error(fmt::format("runtime.cores: core {} is not one that this process may use", core));
    }
    CPU_SET(static_cast<size_t>(core), &cores);
  }
  if (sched_setaffinity(0, sizeof(cores), &cores) == 0) return;
#endif
  throw Error("runtime.cores: this system does not let a process choose its cores");
}

// Looks the function up, since the system chooses which BLAS is behind libtorch.
void quieten_openblas() {
  if (std::getenv("OPENBLAS_NUM_THREADS") != nullptr) return;
  using SetThreads = void (*)(int);
  const auto set_threads =
      reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set_threads != nullptr) set_threads(1);
}

}  // namespace

void same_bits_on_gpus() {
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setBenchmarkCuDNN(false);
}

void spin_briefly([[maybe_unused]] char** arguments) {
#if defined(__linux__)
  for (const char* own : {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"}) {
    if (std::getenv(own) != nullptr) return;
  }
  std::error_code code;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", code);
  if (code) return;
  setenv("GOMP_SPINCOUNT", kTurns, /*overwrite=*/0);
  execv(program.c_str(), arguments);  // comes back only where it cannot
#endif
}

void use_threads(int64_t threads) {
  at::set_num_threads(threads > 0 ? static_cast<int>(threads) : available_cores());
  quieten_openblas();
}

void set_up(const RuntimeOptions& runtime) {
  if (!runtime.cores.empty()) stay_on(runtime.cores);
  use_threads(runtime.threads);
  allow_tf32(runtime.tf32);
}

}  // namespace mkdt::cli
