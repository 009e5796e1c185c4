// Asks and settles what only a GPU has: work that goes on after the call that asked for it, memory
// of its own, and products of rounded factors.
#pragma once

#include <cstdint>
#include <optional>

#include <torch/types.h>

namespace mkdt {

// Waits until everything that was asked of `device` is done. On the CPU there is nothing to wait
// for.
void synchronise(torch::Device device);

// Returns the most bytes that tensors took on `device` at once since the process began or the peak
// was reset; memory that libtorch keeps for later and what it loads besides do not count. Returns
// nothing for the CPU (see base/machine.h), before the device was used, and for a libtorch that
// does not say.
std::optional<int64_t> peak_device_memory(torch::Device device);
void reset_peak_device_memory(torch::Device device);

// Gives back the memory of `device` that libtorch keeps for later tensors.
void release_device_memory(torch::Device device);

// Sets whether a CUDA device rounds the factors of float32 products to TF32's 10 bits. This is
// libtorch's own setting, for the whole process: the program sets it once, when it starts.
void allow_tf32(bool allowed);
bool tf32_allowed();

}  // namespace mkdt
