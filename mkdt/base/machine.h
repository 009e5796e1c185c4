// Reads from the system what is left for the process (memory, processor time, disk) and how much
// memory it has used.
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

// Returns the bytes of MemAvailable in the text of /proc/meminfo; nothing if it has no such line.
std::optional<int64_t> meminfo_available(const std::string& meminfo);

// Returns the least of MemAvailable and of what the process's control groups and their parents
// leave (version 2: memory.max − memory.current, version 1: memory.limit_in_bytes −
// memory.usage_in_bytes). File cache that the system would give up (inactive_file of memory.stat)
// counts as free. /proc and /sys are looked for below `root`. Files that are missing limit nothing;
// without any the answer is nothing.
std::optional<AvailableMemory> available_memory(const std::filesystem::path& root = "/");

// Returns how many cores' worth of processor time the process's control groups and their parents
// allow it (version 2: cpu.max, version 1: cpu.cfs_quota_us / cpu.cfs_period_us), as containers are
// given it; nothing without a quota. /proc and /sys are looked for below `root`.
std::optional<double> cpu_quota(const std::filesystem::path& root = "/");

// Returns how many bytes a user may still write below `folder`, which need not exist: those of the
// file system of its nearest parent that does. Returns nothing if the system does not say.
std::optional<int64_t> available_disk(const std::filesystem::path& folder);

// Measures the most memory that the process had at once while something was done: resident memory
// as the system counts it (VmHWM of /proc/self/status), with program code and mapped files that
// were touched. One meter at a time: a new one resets the system's mark.
class PeakMemory {
 public:
  PeakMemory();

  // Returns the largest number of bytes since the meter was made, or since the program began where
  // the mark cannot be reset (see exact); 0 where the system does not say.
  int64_t bytes() const;
  // Tells whether the system let the mark be reset.
  bool exact() const { return exact_; }

 private:
  bool exact_;
};

// Returns the bytes that are resident now (VmRSS); 0 where the system does not say.
int64_t resident_memory();

}  // namespace mkdt
