#include "mkdt/core/mapped_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <sys/mman.h>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/regular_file.h"

namespace mkdt {

MappedFile::MappedFile(const std::filesystem::path& path) {
  const RegularFile file(path);
  size_ = file.size();
  if (size_ == 0) return;
  // Without reservation: a file may be larger than the memory that its copy would need.
  void* mapped = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE,
                        file.descriptor(), 0);
  if (mapped == MAP_FAILED) {
    throw Error(fmt::format("{}: cannot map: {}", path.string(), std::strerror(errno)));
  }
  data_ = static_cast<char*>(mapped);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

std::optional<uint64_t> value_bytes(const std::vector<int64_t>& shape, size_t element_size) {
  if (shape.size() > kMaxRank) return std::nullopt;
  uint64_t bytes = element_size;
  bool empty = false;
  for (const int64_t extent : shape) {
    if (extent < 0) return std::nullopt;
    const auto factor = static_cast<uint64_t>(std::max<int64_t>(extent, 1));
    if (bytes > std::numeric_limits<int64_t>::max() / factor) return std::nullopt;
    bytes *= factor;
    empty = empty || extent == 0;
  }
  return empty ? 0 : bytes;
}

torch::Tensor mapped_tensor(const std::shared_ptr<MappedFile>& file, uint64_t offset,
                            const std::vector<int64_t>& shape, torch::Dtype dtype) {
  const size_t element_size = c10::elementSize(dtype);
  const std::optional<uint64_t> bytes = value_bytes(shape, element_size);
  TORCH_CHECK(bytes && offset <= file->size() && *bytes <= file->size() - offset,
              "mapped_tensor: the values lie outside the file");
  char* values = file->data() + offset;
  const auto options = torch::TensorOptions().dtype(dtype);
  if (reinterpret_cast<uintptr_t>(values) % element_size != 0) {
    torch::Tensor copy = torch::empty(shape, options);
    if (*bytes > 0) std::memcpy(copy.data_ptr(), values, *bytes);
    return copy;
  }
  return torch::from_blob(
      values, shape, [file](void*) {}, options);
}

}  // namespace mkdt
