// Files that come from elsewhere are read only if they have a size and an end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

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

}  // namespace mkdt
