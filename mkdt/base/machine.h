// What the machine has left for a process (memory, processor time, disk) and what the process
// used.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace mkdt {

struct AvailableMemory {
  int64_t bytes = 0;
  std::string origin;  // what limits it: "the machine's memory", "limit of 4.0 GB of the cgroup /x"
};

// Bytes of MemAvailable in the text of /proc/meminfo; nothing if it has no such line.
std::optional<int64_t> meminfo_available(const std::string& meminfo);

// The least of MemAvailable and of what the process's control groups and their parents leave
// (version 2: memory.max − memory.current, version 1: memory.limit_in_bytes −
// memory.usage_in_bytes), where file cache that the system would give up (inactive_file of
// memory.stat) counts as free. `root` is where /proc and /sys are looked for. Files that are
// missing limit nothing; nothing if none says anything.
std::optional<AvailableMemory> available_memory(const std::filesystem::path& root = "/");

// Cores' worth of processor time that the process's control groups and their parents allow it
// (version 2: cpu.max, version 1: cpu.cfs_quota_us / cpu.cfs_period_us), as containers are given
// it; nothing without a quota. `root` as above.
std::optional<double> cpu_quota(const std::filesystem::path& root = "/");

// Bytes that a user may still write below `folder`, which need not exist: those of the file system
// of its nearest parent that does. Nothing if the system does not say.
std::optional<int64_t> available_disk(const std::filesystem::path& folder);

// The most memory that the process had at once while something was done.

// Resident memory as the system counts it (VmHWM of /proc/self/status): with program code and
// mapped files that were touched. One meter at a time: a new one resets the system's mark.
class PeakMemory {
 public:
  PeakMemory();

  // Bytes, the largest since the meter was made, or since the program began where the mark cannot
  // be reset (see exact). 0 where the system does not say.
  int64_t bytes() const;
  // Whether the system let the mark be reset.
  bool exact() const { return exact_; }

 private:
  bool exact_;
};

// Bytes that are resident now (VmRSS); 0 where the system does not say.
int64_t resident_memory();

}  // namespace mkdt
