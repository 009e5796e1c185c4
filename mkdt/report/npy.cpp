#include "mkdt/report/npy.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>
#include <minizip/zip.h>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/error.h"

namespace mkdt {
namespace {

constexpr size_t kHeaderAlignment = 64;
constexpr size_t kMagicAndLength = 10;  // "\x93NUMPY", two bytes of version, two of length

std::string descriptor(torch::ScalarType type) {
  switch (type) {
    case torch::kFloat32:
      return "<f4";
    case torch::kFloat64:
      return "<f8";
    case torch::kInt64:
      return "<i8";
    case torch::kInt32:
      return "<i4";
    case torch::kUInt8:
      return "|u1";
    default:
      throw std::invalid_argument("npy: no descriptor for this type of tensor");
  }
}

std::string shape_text(const torch::Tensor& tensor) {
  std::string text = "(";
  for (const int64_t size : tensor.sizes()) text += fmt::format("{}, ", size);
  if (tensor.dim() > 1) text.resize(text.size() - 2);
  if (tensor.dim() == 1) text.resize(text.size() - 1);
  return text + ")";
}

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

std::string npy_bytes(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.detach().to(torch::kCPU).contiguous();
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}",
                                   descriptor(values.scalar_type()), shape_text(values));
  const size_t unpadded = kMagicAndLength + header.size() + 1;
  header.append((kHeaderAlignment - unpadded % kHeaderAlignment) % kHeaderAlignment, ' ');
  header += '\n';

  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xFFU);
  bytes += static_cast<char>(header.size() >> 8U);
  bytes += header;
  bytes.append(static_cast<const char*>(values.data_ptr()), values.nbytes());
  return bytes;
}

void write_npy(const std::filesystem::path& path, const torch::Tensor& tensor) {
  write_text_atomically(path, npy_bytes(tensor));
}

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
