// A zip archive of entries that are stored as they are, as NumPy's and PyTorch's files are.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mkdt {

// Takes the entries of an archive that is being written.
class ZipWriter {
 public:
  ~ZipWriter();
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;

  // Of any size; the entry bears no time, so that the same contents give the same bytes.
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

// The archive at `path` with what `write` adds to it; it appears whole or not at all. Throws Error
// naming `path`.
void write_stored_zip(const std::filesystem::path& path,
                      const std::function<void(ZipWriter&)>& write);

}  // namespace mkdt
