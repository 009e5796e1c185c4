#include "mkdt/base/random.h"

#include <cstring>
#include <mutex>
#include <string>

#include <ATen/CPUGeneratorImpl.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace mkdt {

uint64_t derive_seed(uint64_t seed, std::string_view purpose, uint64_t index) {
  const uint64_t mixed = XXH3_64bits_withSeed(purpose.data(), purpose.size(), seed);
  return XXH3_64bits_withSeed(&index, sizeof(index), mixed);
}

at::Generator make_generator(uint64_t seed, std::string_view purpose, uint64_t index) {
  return at::detail::createCPUGenerator(derive_seed(seed, purpose, index));
}

int64_t draw_below(int64_t bound, at::Generator& generator) {
  return torch::randint(bound, {1}, generator, torch::kInt64).item<int64_t>();
}

torch::Tensor generator_state(const at::Generator& generator) { return generator.get_state(); }

void restore_generator(at::Generator& generator, const torch::Tensor& state) {
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_state(state);
}

}  // namespace mkdt
