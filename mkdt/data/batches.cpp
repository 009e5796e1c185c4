#include "mkdt/data/batches.h"

#include <algorithm>

namespace mkdt {
namespace {

torch::Tensor permutation(int64_t size, at::Generator& generator) {
  return at::randperm(size, generator, torch::TensorOptions(torch::kInt64));
}

}  // namespace

std::vector<torch::Tensor> shuffled_batches(int64_t size, int64_t batch, at::Generator& generator) {
  TORCH_CHECK(size > 0 && batch > 0, "batches of ", batch, " from ", size, " items");
  return permutation(size, generator).split(batch);
}

std::vector<torch::Tensor> batches_for_steps(int64_t size, int64_t batch, int64_t steps,
                                             at::Generator& generator, LastBatch last) {
  TORCH_CHECK(size > 0 && batch > 0 && steps >= 0, steps, " batches of ", batch, " from ", size,
              " items");
  const int64_t taken = std::min(batch, size);
  std::vector<torch::Tensor> batches;
  while (static_cast<int64_t>(batches.size()) < steps) {
    for (const torch::Tensor& part : permutation(size, generator).split(taken)) {
      const bool wanted = part.size(0) == taken || last == LastBatch::kShort;
      if (wanted && static_cast<int64_t>(batches.size()) < steps) batches.push_back(part);
    }
  }
  return batches;
}

std::vector<torch::Tensor> batches_on(torch::Device device,
                                      const std::vector<torch::Tensor>& batches) {
  if (device.is_cpu() || batches.empty()) return batches;
  std::vector<int64_t> sizes;
  sizes.reserve(batches.size());
  for (const torch::Tensor& batch : batches) sizes.push_back(batch.numel());
  return torch::cat(batches).to(device).split_with_sizes(sizes);
}

torch::Tensor spread_rows(int64_t size, int64_t most) {
  const int64_t count = most > 0 ? std::min(size, most) : size;
  const torch::Tensor rows = torch::arange(count, torch::kInt64);
  return count < size ? rows.mul(size).floor_divide(count) : rows;
}

}  // namespace mkdt
