// The most memory that the process had at once while something was done.
#pragma once

#include <cstdint>

namespace mkdt {

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
