#include "mkdt/report/zip_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <minizip/zip.h>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/error.h"

namespace mkdt {
namespace fs = std::filesystem;

// Closes it without a word where writing has failed.
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
