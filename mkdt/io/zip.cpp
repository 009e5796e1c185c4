#include "mkdt/io/zip.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fmt/format.h>
#include <minizip/unzip.h>
#include <minizip/zip.h>

#include "mkdt/base/error.h"
#include "mkdt/base/text.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/regular_file.h"

namespace mkdt {
namespace {

constexpr int64_t kMaxEntries = 100'000;
constexpr uint64_t kMaxUnpacked = uint64_t{256} << 20;  // bytes of compressed entries together
constexpr size_t kMaxName = 1024;  // a file's name, of 255 bytes, and an entry's below it

}  // namespace

void ZipEntries::Closer::operator()(void* archive) const { unzClose(archive); }

ZipEntries::ZipEntries(const std::filesystem::path& path)
    : stored_left_(regular_file_size(path)), unpacked_left_(kMaxUnpacked) {
  archive_.reset(unzOpen64(path.c_str()));
  if (!archive_) throw Error("a zip archive that is not whole (is it truncated?)");
}

ZipEntries::~ZipEntries() = default;

bool ZipEntries::next() {
  const int code =
      entries_ == 0 ? unzGoToFirstFile(archive_.get()) : unzGoToNextFile(archive_.get());
  if (code == UNZ_END_OF_LIST_OF_FILE) return false;
  unz_file_info64 info = {};
  name_.assign(kMaxName, '\0');
  if (code != UNZ_OK || ++entries_ > kMaxEntries ||
      unzGetCurrentFileInfo64(archive_.get(), &info, name_.data(), kMaxName, nullptr, 0, nullptr,
                              0) != UNZ_OK) {
    throw Error("its list of entries is damaged");
  }
  name_.resize(std::min<size_t>(info.size_filename, kMaxName));
  size_ = info.uncompressed_size;
  compressed_ = info.compression_method != 0;
  uint64_t& left = compressed_ ? unpacked_left_ : stored_left_;
  if (size_ > left) {
    throw Error(fmt::format("entry '{}' would have {} bytes", printable(name_), size_));
  }
  left -= size_;
  return true;
}

torch::Tensor ZipEntries::contents() {
  torch::Tensor bytes = torch::empty({static_cast<int64_t>(size_)}, torch::kUInt8);
  read_all(bytes.data_ptr<uint8_t>(), size_, true);
  return bytes;
}

void ZipEntries::check_contents() {
  std::vector<uint8_t> block(std::min<uint64_t>(size_, 1 << 20));
  read_all(block.data(), block.size(), false);
}

void ZipEntries::read_all(uint8_t* block, uint64_t block_size, bool keep) {
  constexpr uint64_t kMost = 1 << 30;  // of one call
  uint64_t done = 0;
  int read = unzOpenCurrentFile(archive_.get()) == UNZ_OK ? 1 : 0;
  const bool opened = read > 0;
  while (done < size_ && read > 0) {
    const uint64_t room = std::min({size_ - done, block_size, kMost});
    read = unzReadCurrentFile(archive_.get(), keep ? block + done : block,
                              static_cast<unsigned>(room));
    if (read > 0) done += static_cast<uint64_t>(read);
  }
  // A checksum that is wrong shows when the entry is closed.
  const bool intact = opened && unzCloseCurrentFile(archive_.get()) == UNZ_OK;
  if (!intact || done != size_) {
    throw Error(fmt::format("entry '{}' is damaged", printable(name_)));
  }
}

namespace fs = std::filesystem;

// Closes without an Error, for where writing has already failed.
void ZipWriter::Closer::operator()(void* archive) const { zipClose(archive, nullptr); }

ZipWriter::ZipWriter(const fs::path& path)
    : archive_(zipOpen64(path.c_str(), APPEND_STATUS_CREATE)) {
  if (!archive_) throw Error(fmt::format("cannot write: {}", std::strerror(errno)));
}

ZipWriter::~ZipWriter() = default;

void ZipWriter::add(const std::string& name, std::string_view contents) {
  zip_fileinfo info = {};
  info.tmz_date = {0, 0, 0, 1, 0, 1980};  // the format's earliest: no clock in the file
  constexpr int kStored = 0;
  constexpr int kZip64 = 1;
  int code = zipOpenNewFileInZip64(archive_.get(), name.c_str(), &info, nullptr, 0, nullptr, 0,
                                   nullptr, kStored, 0, kZip64);
  constexpr size_t kChunk = size_t{1} << 30;
  for (size_t begin = 0; code == ZIP_OK && begin < contents.size(); begin += kChunk) {
    const size_t size = std::min(kChunk, contents.size() - begin);
    code =
        zipWriteInFileInZip(archive_.get(), contents.data() + begin, static_cast<unsigned>(size));
  }
  if (code == ZIP_OK) code = zipCloseFileInZip(archive_.get());
  if (code != ZIP_OK) throw Error(fmt::format("cannot write entry {}", name));
}

void ZipWriter::close() {
  if (zipClose(archive_.release(), nullptr) != ZIP_OK) {
    throw Error("cannot write: closing the archive failed");
  }
}

void write_stored_zip(const fs::path& path, const std::function<void(ZipWriter&)>& write) {
  write_path_atomically(path, [&](const fs::path& temporary) {
    try {
      ZipWriter archive(temporary);
      write(archive);
      archive.close();
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", path.string(), error.what()));
    }
  });
}

}  // namespace mkdt
