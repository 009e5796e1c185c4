#include "mkdt/io/regular_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "mkdt/base/error.h"

namespace mkdt {
namespace {

constexpr size_t kBeyond = 4096;  // bytes asked for behind what should be the end

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& reason) {
  throw Error(fmt::format("{}: cannot read: {}", path.string(), reason));
}

}  // namespace

RegularFile::RegularFile(const std::filesystem::path& path)
    // O_NONBLOCK: to open a pipe that nobody writes to would wait.
    : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
  if (descriptor_ < 0) refuse(path, std::strerror(errno));
  struct stat status {};
  const bool known = ::fstat(descriptor_, &status) == 0;
  if (known && S_ISREG(status.st_mode)) {
    size_ = static_cast<uint64_t>(status.st_size);
    return;
  }
  ::close(descriptor_);
  refuse(path,
         known && S_ISDIR(status.st_mode) ? "a folder, not a regular file" : "not a regular file");
}

RegularFile::~RegularFile() { ::close(descriptor_); }

uint64_t regular_file_size(const std::filesystem::path& path) { return RegularFile(path).size(); }

std::string read_regular_file(const std::filesystem::path& path, uint64_t most) {
  const RegularFile file(path);
  const auto check_size = [&](uint64_t size) {
    if (size <= most) return;
    throw Error(
        fmt::format("{}: {} bytes are too many, expected at most {}", path.string(), size, most));
  };
  check_size(file.size());
  std::string bytes(file.size() + 1, '\0');  // the byte behind it finds the end
  size_t done = 0;
  while (true) {
    if (done == bytes.size()) bytes.resize(done + kBeyond);
    const ssize_t got = ::read(file.descriptor(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse(path, std::strerror(errno));
    if (got == 0) break;
    done += static_cast<size_t>(got);
    check_size(done);
  }
  bytes.resize(done);
  return bytes;
}

MappedFile::MappedFile(const std::filesystem::path& path) {
  const RegularFile file(path);
  size_ = file.size();
  if (size_ == 0) return;
  // MAP_NORESERVE: a file may be larger than the memory that its copy would need.
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
