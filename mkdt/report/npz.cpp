#include "mkdt/report/npz.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <minizip/zip.h>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/error.h"
#include "mkdt/core/npy.h"

namespace mkdt {
namespace {

// An archive being written; closed without a word if writing fails.
struct ZipCloser {
  void operator()(void* archive) const { zipClose(archive, nullptr); }
};

void add_entry(zipFile archive, const std::string& name, const std::string& bytes) {
  zip_fileinfo info = {};
  info.tmz_date = {0, 0, 0, 1, 0, 1980};  // the format's earliest: no clock in the file
  constexpr int kStored = 0;
  constexpr int kZip64 = 1;
  int code = zipOpenNewFileInZip64(archive, name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr,
                                   kStored, 0, kZip64);
  constexpr size_t kChunk = size_t{1} << 30;
  for (size_t begin = 0; code == ZIP_OK && begin < bytes.size(); begin += kChunk) {
    const size_t size = std::min(kChunk, bytes.size() - begin);
    code = zipWriteInFileInZip(archive, bytes.data() + begin, static_cast<unsigned>(size));
  }
  if (code == ZIP_OK) code = zipCloseFileInZip(archive);
  if (code != ZIP_OK) throw Error(fmt::format("cannot write entry {}", name));
}

}  // namespace

void write_npz(const std::filesystem::path& path,
               const std::map<std::string, torch::Tensor>& tensors) {
  write_path_atomically(path, [&](const std::filesystem::path& temporary) {
    std::unique_ptr<void, ZipCloser> archive(zipOpen64(temporary.c_str(), APPEND_STATUS_CREATE));
    if (!archive) throw Error(fmt::format("{}: cannot write", path.string()));
    try {
      for (const auto& [name, tensor] : tensors) {
        add_entry(archive.get(), name + ".npy", npy_bytes(tensor));
      }
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", path.string(), error.what()));
    }
    if (zipClose(archive.release(), nullptr) != ZIP_OK) {
      throw Error(fmt::format("{}: cannot write: closing the archive failed", path.string()));
    }
  });
}

}  // namespace mkdt
