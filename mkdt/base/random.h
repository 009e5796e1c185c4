// Everything random comes from one seed; each purpose gets a stream of its own.
#pragma once

#include <cstdint>
#include <string_view>

#include <ATen/Generator.h>
#include <torch/types.h>

namespace mkdt {

// A seed for one purpose ("expert/order", index 3) that does not change when other purposes
// come or go. A hash of all three arguments.
uint64_t derive_seed(uint64_t seed, std::string_view purpose, uint64_t index = 0);

// A CPU generator with that seed. Random numbers are always drawn on the CPU and moved, so that
// a run's choices do not depend on its device.
at::Generator make_generator(uint64_t seed, std::string_view purpose, uint64_t index = 0);

// A uniform whole number from 0 to `bound` − 1.
int64_t draw_below(int64_t bound, at::Generator& generator);

// The state of a generator as a uint8 tensor, for checkpoints, and back.
torch::Tensor generator_state(const at::Generator& generator);
void restore_generator(at::Generator& generator, const torch::Tensor& state);

}  // namespace mkdt
