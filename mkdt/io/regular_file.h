// Files that come from elsewhere: opened only if they have a size and an end, and mapped into
// memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <torch/types.h>

namespace mkdt {

// A file that is open for reading, and its size; closed with this.
class RegularFile {
 public:
  // Follows links. Throws Error naming the file if it cannot be read or is something else: a
  // folder, a device, or a pipe, which could keep its reader waiting for ever.
  explicit RegularFile(const std::filesystem::path& path);
  ~RegularFile();
  RegularFile(const RegularFile&) = delete;
  RegularFile& operator=(const RegularFile&) = delete;

  int descriptor() const { return descriptor_; }
  uint64_t size() const { return size_; }

 private:
  int descriptor_;
  uint64_t size_ = 0;
};

// For readers that insist on opening the file themselves: the same checks, and the size.
uint64_t regular_file_size(const std::filesystem::path& path);

// The whole file. Throws Error naming it if it is larger than `most` bytes, before memory is
// taken. Also one of those of /proc and /sys, whose sizes the system does not know.
std::string read_regular_file(const std::filesystem::path& path, uint64_t most);

// Files used where they lie: mapped into memory, read from disk as they are touched.

// A whole regular file, mapped privately: writing to the memory does not change the file. Nobody
// may shorten it meanwhile: a page that is gone ends the process (SIGBUS). What mkdt writes is
// replaced as a whole, never shortened.
class MappedFile {
 public:
  // Throws Error naming the file if it cannot be read or is no regular file.
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  char* data() const { return data_; }  // null where the file is empty
  uint64_t size() const { return size_; }

 private:
  char* data_ = nullptr;
  uint64_t size_ = 0;
};

// Of a tensor in a file: what NumPy allowed before 2.0. libtorch's operators end at 64.
constexpr size_t kMaxRank = 32;

// The bytes of a tensor's values; none if there are more than kMaxRank extents, one is negative or
// the number is too large for int64, with empty dimensions counted as one, so that strides fit too.
std::optional<uint64_t> value_bytes(const std::vector<int64_t>& shape, size_t element_size);

// The contiguous tensor whose values begin at `offset`; the file has to hold them. Where they are
// aligned the tensor looks into the mapping and keeps it alive, else it is a copy.
torch::Tensor mapped_tensor(const std::shared_ptr<MappedFile>& file, uint64_t offset,
                            const std::vector<int64_t>& shape, torch::Dtype dtype);

}  // namespace mkdt
