// Opens files that come from elsewhere only if they have a size and an end, and maps them into
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

// A file that is open for reading, and its size. The destructor closes it.
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

// Makes the same checks for readers that insist on opening the file themselves, and returns the
// size.
uint64_t regular_file_size(const std::filesystem::path& path);

// Returns the whole file, which may also be one of those of /proc and /sys, whose sizes the system
// does not know. Throws Error naming it if it is larger than `most` bytes, before memory is taken.
std::string read_regular_file(const std::filesystem::path& path, uint64_t most);

// Maps a whole regular file, privately: it is read from disk as the memory is touched, and writing
// to the memory does not change the file. Nobody may shorten it meanwhile: a page that is gone ends
// the process (SIGBUS). Files that mkdt writes are replaced as a whole, never shortened.
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

// The most dimensions of a tensor in a file, as NumPy allowed before 2.0. libtorch's operators end
// at 64.
constexpr size_t kMaxRank = 32;

// Returns how many bytes a tensor's values take; nothing if there are more than kMaxRank extents,
// one is negative or the number is too large for int64, with empty dimensions counted as one, so
// that strides fit too.
std::optional<uint64_t> value_bytes(const std::vector<int64_t>& shape, size_t element_size);

// Returns the contiguous tensor whose values begin at `offset`; the file has to hold them. Where
// they are aligned the tensor looks into the mapping and keeps it alive, else it is a copy.
torch::Tensor mapped_tensor(const std::shared_ptr<MappedFile>& file, uint64_t offset,
                            const std::vector<int64_t>& shape, torch::Dtype dtype);

}  // namespace mkdt
