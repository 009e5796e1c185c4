// Keeps neighbours busy on the same cores, for benchmarks of how a computation fares beside them.
#pragma once

#include <cstdint>
#include <sys/types.h>
#include <vector>

namespace mkdt::cli {

// Processes that compute without end while they are told to, on the cores of this process. They end
// with the object, or with the process.
class BusyLoops {
 public:
  // Starts them at rest. Throws Error if the system gives no more processes.
  explicit BusyLoops(int64_t count);
  ~BusyLoops();
  BusyLoops(const BusyLoops&) = delete;
  BusyLoops& operator=(const BusyLoops&) = delete;

  void run() const;
  void rest() const;

 private:
  void tell(int signal) const;

  std::vector<pid_t> processes_;
};

}  // namespace mkdt::cli
