// Orders the rows of a set for going through it: successive random permutations cut into batches,
// or a few rows evenly spaced.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/Generator.h>
#include <torch/types.h>

namespace mkdt {

// Returns the batches of one pass over `size` items in random order, each int64 [≤ batch]; the last
// one may be smaller.
std::vector<torch::Tensor> shuffled_batches(int64_t size, int64_t batch, at::Generator& generator);

// Says whether the items of a permutation that would not fill a batch wait for the next permutation
// or make a short one.
enum class LastBatch { kDropped, kShort };

// Returns `steps` batches of min(batch, size) items from successive random permutations. The last
// one of a permutation may be smaller with kShort. The authors' code (MKDT, arXiv 2410.02116) has
// the short batch in pre-training and in the inner steps, where it comes first in a permutation,
// not last as here.
std::vector<torch::Tensor> batches_for_steps(int64_t size, int64_t batch, int64_t steps,
                                             at::Generator& generator,
                                             LastBatch last = LastBatch::kDropped);

// Brings batches to a device by one transfer.
std::vector<torch::Tensor> batches_on(torch::Device device,
                                      const std::vector<torch::Tensor>& batches);

// Returns a few rows of many, evenly spaced: ascending int64 [min(size, most)], ⌊i · size / n⌋ for
// i = 0 … n−1; all rows if `most` is 0.
torch::Tensor spread_rows(int64_t size, int64_t most);

}  // namespace mkdt
