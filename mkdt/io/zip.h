// Reads and writes zip archives of entries that are stored as they are, as NumPy's and PyTorch's
// files are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <torch/types.h>

namespace mkdt {

// Goes through the entries of an archive one after the other. Bounds: 100 000 entries; those that
// are stored as they are together no larger than the file, compressed ones together 256 MiB. Throws
// Error that says what is wrong with the archive; unless it cannot be read at all, it does not know
// the file's name.
class ZipEntries {
 public:
  explicit ZipEntries(const std::filesystem::path& path);
  ~ZipEntries();
  ZipEntries(const ZipEntries&) = delete;
  ZipEntries& operator=(const ZipEntries&) = delete;

  // Goes to the next entry, at first to the first; returns false after the last.
  bool next();

  const std::string& name() const { return name_; }  // its first 1024 bytes
  uint64_t size() const { return size_; }            // of the contents
  bool compressed() const { return compressed_; }

  // Returns the present entry's contents, uint8 [size]. Throws Error if their size or checksum is
  // another.
  torch::Tensor contents();
  // Makes the same check without keeping the contents.
  void check_contents();

 private:
  void read_all(uint8_t* block, uint64_t block_size, bool keep);

  struct Closer {
    void operator()(void* archive) const;
  };
  std::unique_ptr<void, Closer> archive_;
  uint64_t stored_left_;
  uint64_t unpacked_left_;
  int64_t entries_ = 0;
  std::string name_;
  uint64_t size_ = 0;
  bool compressed_ = false;
};

// Takes the entries of an archive that is being written.
class ZipWriter {
 public:
  ~ZipWriter();
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;

  // Adds an entry of any size. It bears no time, so that the same contents give the same bytes.
  void add(const std::string& name, std::string_view contents);

 private:
  friend void write_stored_zip(const std::filesystem::path& path,
                               const std::function<void(ZipWriter&)>& write);
  explicit ZipWriter(const std::filesystem::path& path);
  void close();

  struct Closer {
    void operator()(void* archive) const;
  };
  std::unique_ptr<void, Closer> archive_;
};

// Writes the archive at `path` with the entries that `write` adds; it appears whole or not at all.
// Throws Error naming `path`.
void write_stored_zip(const std::filesystem::path& path,
                      const std::function<void(ZipWriter&)>& write);

}  // namespace mkdt
