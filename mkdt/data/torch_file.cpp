#include "mkdt/data/torch_file.h"

#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <minizip/unzip.h>
#include <torch/csrc/jit/serialization/pickle.h>

#include "mkdt/core/error.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr const char* kExpected = "expected one tensor saved with torch.save(tensor, path)";

[[noreturn]] void refuse(const fs::path& path, const std::string& what) {
  throw Error(fmt::format("{}: {}: {}", path.string(), kExpected, what));
}

std::vector<char> read_bytes(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream || !fs::is_regular_file(path)) {
    throw Error(fmt::format("{}: cannot read", path.string()));
  }
  std::vector<char> bytes(fs::file_size(path));
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!stream) throw Error(fmt::format("{}: cannot read all of it", path.string()));
  return bytes;
}

void check_beginning(const fs::path& path, const std::vector<char>& bytes) {
  const std::string begin(bytes.begin(), bytes.begin() + std::min<size_t>(bytes.size(), 4));
  if (begin == "PK\x03\x04") return;
  if (begin.rfind("\x80\x02", 0) == 0) {
    refuse(path, "a pickle of the format before PyTorch 1.6; load it and save it again");
  }
  refuse(path, "it is no zip archive");
}

struct ZipCloser {
  void operator()(void* archive) const { unzClose(archive); }
};

// Reads the entry that the archive stands at, which compares its checksum.
bool entry_is_intact(unzFile archive, std::vector<char>& buffer) {
  if (unzOpenCurrentFile(archive) != UNZ_OK) return false;
  int read = 0;
  do {
    read = unzReadCurrentFile(archive, buffer.data(), static_cast<unsigned>(buffer.size()));
  } while (read > 0);
  return unzCloseCurrentFile(archive) == UNZ_OK && read == 0;
}

// Checks every entry; the bytes of the only storage. libtorch itself compares neither checksums nor
// the size of a storage with what the pickle says of it.
uint64_t checked_storage(const fs::path& path, uint64_t file_size) {
  const std::unique_ptr<void, ZipCloser> archive(unzOpen64(path.c_str()));
  if (!archive) refuse(path, "a zip archive that is not whole (is it truncated?)");
  std::vector<char> buffer(1 << 20);
  std::vector<uint64_t> storages;
  int code = unzGoToFirstFile(archive.get());
  for (; code == UNZ_OK; code = unzGoToNextFile(archive.get())) {
    unz_file_info64 info = {};
    std::string name(256, '\0');
    if (unzGetCurrentFileInfo64(archive.get(), &info, name.data(), name.size(), nullptr, 0, nullptr,
                                0) != UNZ_OK) {
      refuse(path, "its list of entries is damaged");
    }
    name.resize(std::min<size_t>(info.size_filename, name.size()));
    if (info.compression_method != 0 || info.uncompressed_size > file_size) {
      refuse(path, fmt::format("entry '{}' is compressed", name));
    }
    if (!entry_is_intact(archive.get(), buffer)) {
      refuse(path, fmt::format("entry '{}' is damaged", name));
    }
    const fs::path folder = fs::path(name).parent_path();
    if (folder.filename() == "data") storages.push_back(info.uncompressed_size);
  }
  if (code != UNZ_END_OF_LIST_OF_FILE) refuse(path, "its list of entries is damaged");
  if (storages.size() != 1) refuse(path, fmt::format("it holds {} tensors", storages.size()));
  return storages.front();
}

// A message of libtorch's up to its first sentence or line, without the file and line of its
// source.
std::string first_words(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  const std::string text =
      torch_error != nullptr ? torch_error->what_without_backtrace() : error.what();
  const std::string line = text.substr(0, text.find('\n'));
  return line.substr(0, 120);
}

torch::Tensor unpickle(const fs::path& path, const std::vector<char>& bytes) {
  try {
    const torch::IValue value = torch::jit::pickle_load(bytes);
    if (value.isTensor()) return value.toTensor();
    refuse(path, fmt::format("it holds a {}", value.tagKind()));
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    refuse(path, fmt::format("{} (save tensor.detach().cpu() with nothing around it)",
                             first_words(error)));
  }
}

// The number of elements from the storage's first to the tensor's last; none if it is no number.
std::optional<uint64_t> elements_reached(const torch::Tensor& tensor) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 16;
  int64_t last = tensor.storage_offset();
  if (last < 0 || last > kMost) return std::nullopt;
  for (int64_t i = 0; i < tensor.dim(); ++i) {
    const int64_t steps = tensor.size(i) - 1;
    const int64_t stride = tensor.stride(i);
    if (steps < 0 || stride < 0) return std::nullopt;
    if (steps > 0 && stride > (kMost - last) / steps) return std::nullopt;
    last += steps * stride;
  }
  return static_cast<uint64_t>(last) + 1;
}

// Sizes, strides and offset come from the pickle as they are.
void check_inside(const fs::path& path, const torch::Tensor& tensor, uint64_t storage_bytes) {
  if (tensor.layout() != torch::kStrided || tensor.is_quantized()) {
    refuse(path, "the tensor is sparse or quantised");
  }
  const uint64_t stored = storage_bytes / tensor.element_size();
  uint64_t elements = 1;
  for (const int64_t size : tensor.sizes()) {
    if (size < 0 || (size > 0 && elements > stored / static_cast<uint64_t>(size))) {
      refuse(path, "the tensor has more values than the file (call .contiguous() first)");
    }
    elements *= static_cast<uint64_t>(size);
  }
  if (elements == 0) return;
  const std::optional<uint64_t> reached = elements_reached(tensor);
  if (!reached || *reached > stored) refuse(path, "the tensor does not lie in its storage");
}

}  // namespace

torch::Tensor read_torch_tensor(const fs::path& path) {
  const std::vector<char> bytes = read_bytes(path);
  check_beginning(path, bytes);
  const uint64_t storage_bytes = checked_storage(path, bytes.size());
  const torch::Tensor tensor = unpickle(path, bytes);
  check_inside(path, tensor, storage_bytes);
  return tensor.detach().cpu();
}

}  // namespace mkdt
