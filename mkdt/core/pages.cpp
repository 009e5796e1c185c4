#include "mkdt/core/pages.h"

#include <new>
#include <sys/mman.h>

namespace mkdt {

torch::Tensor zeros_on_pages(at::IntArrayRef sizes, const torch::TensorOptions& options) {
  size_t bytes = options.dtype().itemsize();
  for (const int64_t extent : sizes) bytes *= static_cast<size_t>(extent);
  if (!options.device().is_cpu() || bytes == 0) return torch::zeros(sizes, options);

  void* const pages =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  return torch::from_blob(
      pages, sizes, [bytes](void* memory) { ::munmap(memory, bytes); }, options);
}

}  // namespace mkdt
