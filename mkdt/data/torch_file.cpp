#include "mkdt/data/torch_file.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <minizip/unzip.h>
#include <torch/csrc/jit/serialization/unpickler.h>

#include "mkdt/core/error.h"
#include "mkdt/core/torch_message.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr const char* kExpected = "expected one tensor saved with torch.save(tensor, path)";

[[noreturn]] void refuse(const fs::path& path, const std::string& what) {
  throw Error(fmt::format("{}: {}: {}", path.string(), kExpected, what));
}

void check_beginning(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream || !fs::is_regular_file(path)) {
    throw Error(fmt::format("{}: cannot read", path.string()));
  }
  std::string begin(4, '\0');
  stream.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  if (begin == "PK\x03\x04") return;
  if (begin.rfind("\x80\x02", 0) == 0) {
    refuse(path, "a pickle of the format before PyTorch 1.6; load it and save it again");
  }
  refuse(path, "it is no zip archive");
}

struct ZipCloser {
  void operator()(void* archive) const { unzClose(archive); }
};

// The contents of the entry that the archive stands at, uint8 [size]; undefined if it has another
// size or checksum.
torch::Tensor read_entry(unzFile archive, uint64_t size) {
  if (unzOpenCurrentFile(archive) != UNZ_OK) return {};
  const torch::Tensor contents = torch::empty({static_cast<int64_t>(size)}, torch::kUInt8);
  constexpr uint64_t kMost = 1 << 30;
  uint64_t done = 0;
  int read = 1;
  while (done < size && read > 0) {
    read = unzReadCurrentFile(archive, contents.data_ptr<uint8_t>() + done,
                              static_cast<unsigned>(std::min(size - done, kMost)));
    if (read > 0) done += static_cast<uint64_t>(read);
  }
  const bool intact = unzCloseCurrentFile(archive) == UNZ_OK;
  return intact && done == size ? contents : torch::Tensor();
}

// NAME/data.pkl, and the contents of NAME/data/KEY by key; uint8 [size].
struct Archive {
  torch::Tensor pickle;
  std::map<std::string, torch::Tensor> storages;
};

// Together the entries are no larger than the file.
Archive read_archive(const fs::path& path) {
  const std::unique_ptr<void, ZipCloser> zip(unzOpen64(path.c_str()));
  if (!zip) refuse(path, "a zip archive that is not whole (is it truncated?)");
  Archive archive;
  uint64_t left = fs::file_size(path);
  int code = unzGoToFirstFile(zip.get());
  for (; code == UNZ_OK; code = unzGoToNextFile(zip.get())) {
    unz_file_info64 info = {};
    std::string name(256, '\0');
    code =
        unzGetCurrentFileInfo64(zip.get(), &info, name.data(), name.size(), nullptr, 0, nullptr, 0);
    if (code != UNZ_OK) break;
    name.resize(std::min<size_t>(info.size_filename, name.size()));
    if (info.compression_method != 0 || info.uncompressed_size > left) {
      refuse(path, fmt::format("entry '{}' is compressed", name));
    }
    left -= info.uncompressed_size;
    const torch::Tensor contents = read_entry(zip.get(), info.uncompressed_size);
    if (!contents.defined()) refuse(path, fmt::format("entry '{}' is damaged", name));
    const fs::path entry(name);
    if (entry.filename() == "data.pkl") archive.pickle = contents;
    if (entry.parent_path().filename() == "data") {
      archive.storages[entry.filename().string()] = contents;
    }
  }
  if (code != UNZ_END_OF_LIST_OF_FILE) refuse(path, "its list of entries is damaged");
  return archive;
}

// libtorch's own reader of whole archives trusts the sizes in them; this takes the pickle alone.
// Tensors that were saved on another device come to the CPU.
torch::IValue unpickle(const Archive& archive) {
  int64_t at = 0;
  const auto read = [&](char* into, size_t size) {
    const int64_t count = std::min(archive.pickle.numel() - at, static_cast<int64_t>(size));
    std::memcpy(into, archive.pickle.data_ptr<uint8_t>() + at, static_cast<size_t>(count));
    at += count;
    return static_cast<size_t>(count);
  };
  const auto storage_of = [&](const std::string& key) {
    const torch::Tensor contents = archive.storages.at(key);
    return c10::InefficientStdFunctionContext::makeDataPtr(
        contents.data_ptr(), [contents](void*) {}, torch::kCPU);
  };
  torch::jit::Unpickler unpickler(read, nullptr, nullptr, storage_of, torch::Device(torch::kCPU));
  return unpickler.parse_ivalue();
}

torch::Tensor only_tensor(const fs::path& path, const Archive& archive) {
  try {
    const torch::IValue value = unpickle(archive);
    if (value.isTensor()) return value.toTensor();
    refuse(path, fmt::format("it holds a {}", value.tagKind()));
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    refuse(path,
           fmt::format("{} (save tensor.detach() with nothing around it)", torch_message(error)));
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
  check_beginning(path);
  const Archive archive = read_archive(path);
  if (!archive.pickle.defined()) refuse(path, "it has no entry data.pkl");
  if (archive.storages.size() != 1) {
    refuse(path, fmt::format("it holds {} tensors", archive.storages.size()));
  }
  const torch::Tensor tensor = only_tensor(path, archive);
  check_inside(path, tensor, archive.storages.begin()->second.nbytes());
  return tensor.detach();
}

}  // namespace mkdt
