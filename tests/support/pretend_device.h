// A device that is the host in disguise: what would fail on a GPU fails on it, without one.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <torch/types.h>

namespace mkdt::testing {

// One that libtorch knows by name only, with memory of the host. Operators compute on the CPU,
// after they have thrown, as CUDA's would, where they are given tensors of the device together with
// tensors of the CPU that have dimensions, or with a generator of the CPU.
torch::Device pretended_device();

// What was done since the last reset.
struct DeviceCounts {
  int64_t operators = 0;         // kernels, or several of them
  int64_t synchronisations = 0;  // times that the host waited for a number or for sizes
  int64_t downloads = 0;         // copies to the host's tensors, which wait, too
  int64_t uploads = 0;           // copies from the host's tensors
  int64_t allocations = 0;
  std::map<std::string, int64_t> by_name;  // operators and "upload", "download"

  int64_t waits() const { return synchronisations + downloads; }
};
DeviceCounts device_counts();
void reset_device_counts();

// The nth allocation from now on finds no memory, once; 0: none does.
void fail_allocation(int64_t nth);

}  // namespace mkdt::testing
