// The order in which a set is visited: successive random permutations, cut into batches.
#pragma once

#include <vector>

#include <ATen/Generator.h>
#include <torch/types.h>

namespace mkdt {

// Batches of one pass over `size` items in random order, each int64 [≤ batch]; the last one may
// be smaller.
std::vector<torch::Tensor> shuffled_batches(int64_t size, int64_t batch, at::Generator& generator);

// `steps` batches of exactly min(batch, size) items from successive random permutations; what is
// left of a permutation and would not fill a batch is dropped, as in the authors' code.
std::vector<torch::Tensor> batches_for_steps(int64_t size, int64_t batch, int64_t steps,
                                             at::Generator& generator);

}  // namespace mkdt
