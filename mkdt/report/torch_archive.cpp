#include "mkdt/report/torch_archive.h"

#include <cstdint>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "mkdt/data/tensor_pickle.h"
#include "mkdt/report/zip_writer.h"

namespace mkdt {
namespace {

constexpr const char* kRoot = "archive/";  // as torch.save names it where there is no file's name

std::string little_endian(uint64_t value, size_t width) {
  std::string bytes;
  for (size_t i = 0; i < width; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

// https://docs.python.org/3/library/pickletools.html, protocol 2. Collects the tensors that the
// pickle refers to, in the order of their keys.
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

  // _rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks)
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

std::string_view bytes_of(const torch::Tensor& tensor) {
  if (tensor.numel() == 0) return {};
  return {static_cast<const char*>(tensor.data_ptr()), tensor.nbytes()};
}

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
