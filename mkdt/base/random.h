// Derives every random number from one seed, with a stream of its own for each purpose.
#pragma once

#include <cstdint>
#include <string_view>

#include <ATen/Generator.h>
#include <torch/types.h>

namespace mkdt {

// Returns a seed for one purpose ("expert/order", index 3), which does not change when other
// purposes come or go. It is a hash of all three arguments.
uint64_t derive_seed(uint64_t seed, std::string_view purpose, uint64_t index = 0);

// Returns a CPU generator with that seed. Random numbers are always drawn on the CPU and moved, so
// that a run's choices do not depend on its device.
at::Generator make_generator(uint64_t seed, std::string_view purpose, uint64_t index = 0);

// Draws a uniform whole number from 0 to `bound` − 1.
int64_t draw_below(int64_t bound, at::Generator& generator);

// A generator's state is a uint8 tensor, for checkpoints; restore_generator takes it back.
torch::Tensor generator_state(const at::Generator& generator);
void restore_generator(at::Generator& generator, const torch::Tensor& state);

}  // namespace mkdt
