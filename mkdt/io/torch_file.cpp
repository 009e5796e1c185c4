#include "mkdt/io/torch_file.h"

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/text.h"
#include "mkdt/io/pickle.h"
#include "mkdt/io/regular_file.h"
#include "mkdt/io/zip.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr const char* kWanted = "expected one tensor saved with torch.save(tensor, path)";
constexpr const char* kDictionary = "expected a dictionary of tensors and texts";

[[noreturn]] void refuse(const fs::path& path, const char* expected, const std::string& what) {
  throw Error(fmt::format("{}: {}: {}", path.string(), expected, printable(what)));
}

std::string first_bytes(const fs::path& path) {
  const RegularFile file(path);
  std::string begin(4, '\0');
  const ssize_t got = ::read(file.descriptor(), begin.data(), begin.size());
  begin.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return begin;
}

void check_beginning(const std::string& begin) {
  if (begin == "PK\x03\x04") return;
  if (begin.rfind("\x80\x02", 0) == 0) {
    throw Error("a pickle of the format before PyTorch 1.6; load it and save it again");
  }
  throw Error("it is no zip archive");
}

std::string_view bytes_of(const torch::Tensor& tensor) {
  if (tensor.numel() == 0) return {};
  return {static_cast<const char*>(tensor.data_ptr()), tensor.nbytes()};
}

// The archive's ROOT/data.pkl, and the contents of ROOT/data/KEY by key; uint8 [size].
struct Archive {
  torch::Tensor pickle;
  std::map<std::string, torch::Tensor> storages;
};

// Returns an entry's place below ROOT, the folder that the first entry is in; empty for one outside
// of it. ROOT is named after the file and may have the name of any entry: data.pt has
// data/data.pkl.
std::string place_below(const std::string& root, const std::string& entry) {
  if (entry.rfind(root, 0) != 0) return {};
  return entry.substr(root.size());
}

void keep(const std::string& place, const torch::Tensor& contents, Archive& archive) {
  constexpr std::string_view kStorages = "data/";
  if (place == "data.pkl") archive.pickle = contents;
  if (place.rfind(kStorages, 0) == 0 && place.find('/', kStorages.size()) == std::string::npos) {
    archive.storages[place.substr(kStorages.size())] = contents;
  }
  if (place == "byteorder" && bytes_of(contents) != "little") {
    throw Error(fmt::format("its byte order is '{}'", printable(bytes_of(contents))));
  }
}

Archive read_archive(const fs::path& path) {
  ZipEntries entries(path);
  Archive archive;
  std::string root;
  while (entries.next()) {
    if (entries.compressed()) {
      throw Error(fmt::format("entry '{}' is compressed", printable(entries.name())));
    }
    if (root.empty()) root = entries.name().substr(0, entries.name().find('/')) + '/';
    keep(place_below(root, entries.name()), entries.contents(), archive);
  }
  if (!archive.pickle.defined()) throw Error("it has no entry data.pkl");
  return archive;
}

// Counts the elements from the storage's first to the tensor's last; nothing where
// the sizes and strides are impossible.
std::optional<uint64_t> elements_reached(const TensorPickle& tensor) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 16;
  int64_t last = tensor.offset;
  if (last < 0 || last > kMost) return std::nullopt;
  for (size_t i = 0; i < tensor.sizes.size(); ++i) {
    const int64_t steps = tensor.sizes[i] - 1;
    const int64_t stride = tensor.strides[i];
    if (steps < 0 || stride < 0) return std::nullopt;
    if (steps > 0 && stride > (kMost - last) / steps) return std::nullopt;
    last += steps * stride;
  }
  return static_cast<uint64_t>(last) + 1;
}

// Throws Error unless the tensor lies in its storage: sizes, strides and offset come from the
// pickle as they are.
void check_inside(const TensorPickle& tensor, uint64_t bytes, uint64_t storage_bytes) {
  if (bytes > storage_bytes) {
    throw Error("the tensor has more values than the file (call .contiguous() first)");
  }
  const std::optional<uint64_t> reached = elements_reached(tensor);
  if (!reached || *reached > storage_bytes / c10::elementSize(tensor.dtype)) {
    throw Error("the tensor does not lie in its storage");
  }
}

torch::Tensor tensor_of(const Archive& archive, const TensorPickle& tensor) {
  const auto storage = archive.storages.find(tensor.storage);
  if (storage == archive.storages.end()) {
    throw Error(fmt::format("it has no storage '{}'", printable(tensor.storage)));
  }
  const torch::Tensor values = storage->second;
  const size_t element_size = c10::elementSize(tensor.dtype);
  const std::optional<uint64_t> bytes = value_bytes(tensor.sizes, element_size);
  if (!bytes) throw Error("the tensor has an impossible shape");
  if (*bytes == 0) return torch::empty(tensor.sizes, tensor.dtype);
  check_inside(tensor, *bytes, values.nbytes());
  uint8_t* first = values.data_ptr<uint8_t>() + static_cast<uint64_t>(tensor.offset) * element_size;
  return torch::from_blob(
      first, tensor.sizes, tensor.strides, [values](void*) {}, tensor.dtype);
}

TorchDictionary dictionary_of(const Archive& archive, const DictionaryPickle& pickle) {
  TorchDictionary dictionary;
  dictionary.texts = pickle.texts;
  for (const auto& [name, tensor] : pickle.tensors) {
    dictionary.tensors[name] = tensor_of(archive, tensor);
  }
  for (const auto& [name, inner] : pickle.dictionaries) {
    dictionary.dictionaries[name] = dictionary_of(archive, inner);
  }
  return dictionary;
}

}  // namespace

torch::Tensor read_torch_tensor(const fs::path& path) {
  const std::string begin = first_bytes(path);
  try {
    check_beginning(begin);
    const Archive archive = read_archive(path);
    if (archive.storages.size() != 1) {
      throw Error(fmt::format("it holds {} tensors", archive.storages.size()));
    }
    return tensor_of(archive, parse_tensor_pickle(bytes_of(archive.pickle)));
  } catch (const Error& error) {
    refuse(path, kWanted, error.what());
  }
}

TorchDictionary read_torch_dictionary(const fs::path& path) {
  const std::string begin = first_bytes(path);
  try {
    check_beginning(begin);
    const Archive archive = read_archive(path);
    return dictionary_of(archive, parse_dictionary_pickle(bytes_of(archive.pickle)));
  } catch (const Error& error) {
    refuse(path, kDictionary, error.what());
  }
}

namespace {

constexpr const char* kRoot = "archive/";  // as torch.save names it where there is no file's name

std::string little_endian(uint64_t value, size_t width) {
  std::string bytes;
  for (size_t i = 0; i < width; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

// Writes a pickle by protocol 2 (https://docs.python.org/3/library/pickletools.html) and collects
// the tensors that it refers to, in the order of their keys.
class Pickler {
 public:
  explicit Pickler(const TorchDictionary& whole) {
    pickle_ = "\x80\x02";
    dictionary(whole);
    pickle_ += '.';
  }

  const std::string& pickle() const { return pickle_; }
  const std::vector<torch::Tensor>& storages() const { return storages_; }

 private:
  void dictionary(const TorchDictionary& entries) {
    pickle_ += "}(";
    for (const auto& [name, value] : entries.tensors) {
      text(name);
      tensor(value);
    }
    for (const auto& [name, value] : entries.texts) {
      text(name);
      text(value);
    }
    for (const auto& [name, value] : entries.dictionaries) {
      text(name);
      dictionary(value);
    }
    pickle_ += 'u';
  }

  void text(std::string_view value) {
    pickle_ += 'X' + little_endian(value.size(), 4);
    pickle_ += value;
  }

  void integer(int64_t value) {
    if (value >= 0 && value < 256) {
      pickle_ += 'K' + little_endian(static_cast<uint64_t>(value), 1);
    } else {
      pickle_ += "\x8A\x08" + little_endian(static_cast<uint64_t>(value), 8);
    }
  }

  void tuple(at::IntArrayRef values) {
    pickle_ += '(';
    for (const int64_t value : values) integer(value);
    pickle_ += 't';
  }

  // Puts _rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks).
  void tensor(const torch::Tensor& value) {
    const torch::Tensor values = value.detach().cpu().contiguous();
    pickle_ += "ctorch._utils\n_rebuild_tensor_v2\n((";
    text("storage");
    pickle_ += fmt::format("ctorch\n{}\n", storage_class(values.scalar_type()));
    text(std::to_string(storages_.size()));
    text("cpu");
    integer(values.numel());
    pickle_ += "tQ";
    integer(0);
    tuple(values.sizes());
    tuple(values.strides());
    pickle_ +=
        "\x89"
        "ccollections\nOrderedDict\n)RtR";
    storages_.push_back(values);
  }

  std::string pickle_;
  std::vector<torch::Tensor> storages_;
};

}  // namespace

void write_torch_archive(const std::filesystem::path& path, const TorchDictionary& dictionary) {
  const Pickler pickler(dictionary);
  write_stored_zip(path, [&](ZipWriter& archive) {
    const std::string root = kRoot;
    archive.add(root + "data.pkl", pickler.pickle());
    archive.add(root + "byteorder", "little");
    for (size_t i = 0; i < pickler.storages().size(); ++i) {
      archive.add(root + "data/" + std::to_string(i), bytes_of(pickler.storages()[i]));
    }
    archive.add(root + "version", "3\n");
  });
}

}  // namespace mkdt
