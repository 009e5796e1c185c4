#include "mkdt/core/safetensors.h"

#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <memory>
#include <ostream>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/error.h"

namespace mkdt {
namespace fs = std::filesystem;
using Json = nlohmann::json;
namespace {

constexpr uint64_t kMaxHeader = 100'000'000;  // bytes; the limit of the format's own reader
constexpr size_t kAlignment = 64;             // of the values, so that they can be used in place

struct DtypeName {
  const char* name;
  torch::Dtype dtype;
};
constexpr DtypeName kDtypes[] = {{"F64", torch::kFloat64}, {"F32", torch::kFloat32},
                                 {"F16", torch::kFloat16}, {"BF16", torch::kBFloat16},
                                 {"I64", torch::kInt64},   {"I32", torch::kInt32},
                                 {"I16", torch::kInt16},   {"I8", torch::kInt8},
                                 {"U8", torch::kUInt8},    {"BOOL", torch::kBool}};

[[noreturn]] void malformed(const fs::path& path, const std::string& what) {
  throw Error(fmt::format("{}: not a valid safetensors file: {}", path.string(), what));
}

// A whole file mapped privately, unmapped when the last tensor that looks into it is gone.
class Mapping {
 public:
  explicit Mapping(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
      throw Error(fmt::format("{}: cannot read: {}", path.string(), std::strerror(errno)));
    }
    struct stat status {};
    const bool regular = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
    size_ = regular ? static_cast<uint64_t>(status.st_size) : 0;
    if (size_ >= 8) {
      data_ = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0);
    }
    ::close(descriptor);
    if (!regular) throw Error(fmt::format("{}: cannot read: not a regular file", path.string()));
    if (size_ < 8) malformed(path, "it is shorter than 8 bytes");
    if (data_ == MAP_FAILED) {
      throw Error(fmt::format("{}: cannot map: {}", path.string(), std::strerror(errno)));
    }
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (data_ != MAP_FAILED) ::munmap(data_, size_);
  }
  char* data() const { return static_cast<char*>(data_); }
  uint64_t size() const { return size_; }

 private:
  void* data_ = MAP_FAILED;
  uint64_t size_ = 0;
};

torch::Dtype parse_dtype(const fs::path& path, const std::string& tensor, const std::string& name) {
  for (const DtypeName& entry : kDtypes) {
    if (name == entry.name) return entry.dtype;
  }
  malformed(path, fmt::format("tensor '{}' has dtype '{}', which is not supported", tensor, name));
}

const char* dtype_name(const std::string& tensor, torch::Dtype dtype) {
  for (const DtypeName& entry : kDtypes) {
    if (dtype == entry.dtype) return entry.name;
  }
  throw std::logic_error(fmt::format("safetensors: '{}' has an unsupported dtype", tensor));
}

// Shape × element size, checked against overflow.
uint64_t byte_count(const fs::path& path, const std::string& tensor,
                    const std::vector<int64_t>& shape, size_t element_size) {
  uint64_t bytes = element_size;
  for (const int64_t extent : shape) {
    if (extent < 0) malformed(path, fmt::format("tensor '{}' has a negative extent", tensor));
    const auto factor = static_cast<uint64_t>(extent);
    if (factor != 0 && bytes > std::numeric_limits<int64_t>::max() / factor) {
      malformed(path, fmt::format("the shape of tensor '{}' overflows", tensor));
    }
    bytes *= factor;
  }
  return bytes;
}

torch::Tensor tensor_at(const fs::path& path, const std::shared_ptr<Mapping>& mapping,
                        uint64_t values_begin, const std::string& name, const Json& entry) {
  const torch::Dtype dtype = parse_dtype(path, name, entry.at("dtype").get<std::string>());
  const auto shape = entry.at("shape").get<std::vector<int64_t>>();
  const auto offsets = entry.at("data_offsets").get<std::vector<uint64_t>>();
  const size_t element_size = c10::elementSize(dtype);
  const uint64_t bytes = byte_count(path, name, shape, element_size);
  const uint64_t available = mapping->size() - values_begin;
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > available) {
    malformed(path, fmt::format("tensor '{}' lies outside the file (is it truncated?)", name));
  }
  if (offsets[1] - offsets[0] != bytes) {
    malformed(path, fmt::format("tensor '{}' has {} bytes, its shape needs {}", name,
                                offsets[1] - offsets[0], bytes));
  }
  char* values = mapping->data() + values_begin + offsets[0];
  const auto options = torch::TensorOptions().dtype(dtype);
  if (reinterpret_cast<uintptr_t>(values) % element_size != 0) {  // written without alignment
    torch::Tensor copy = torch::empty(shape, options);
    std::memcpy(copy.data_ptr(), values, bytes);
    return copy;
  }
  return torch::from_blob(
      values, shape, [mapping](void*) {}, options);
}

const Json& checked_header(const fs::path& path, const Json& header) {
  if (!header.is_object()) malformed(path, "its header is not a JSON object");
  return header;
}

}  // namespace

TensorFile read_safetensors(const fs::path& path) {
  const auto mapping = std::make_shared<Mapping>(path);
  uint64_t header_size = 0;
  std::memcpy(&header_size, mapping->data(), sizeof(header_size));
  if (header_size > kMaxHeader || header_size > mapping->size() - 8) {
    malformed(path, fmt::format("its header would have {} bytes", header_size));
  }
  const char* begin = mapping->data() + 8;
  TensorFile file;
  file.origin = path.string();
  try {
    const Json header = Json::parse(begin, begin + header_size);
    for (const auto& [name, entry] : checked_header(path, header).items()) {
      if (name == "__metadata__") {
        file.metadata = entry.get<std::map<std::string, std::string>>();
      } else {
        file.tensors[name] = tensor_at(path, mapping, 8 + header_size, name, entry);
      }
    }
  } catch (const Json::exception& error) {
    malformed(path, fmt::format("its header: {}", error.what()));
  }
  return file;
}

void write_safetensors(const fs::path& path, const TensorFile& file) {
  std::map<std::string, torch::Tensor> values;
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  uint64_t offset = 0;
  for (const auto& [name, tensor] : file.tensors) {
    const torch::Tensor stored = tensor.detach().cpu().contiguous();
    values[name] = stored;
    const uint64_t end = offset + stored.nbytes();
    header[name] = {{"dtype", dtype_name(name, stored.scalar_type())},
                    {"shape", stored.sizes().vec()},
                    {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.append((kAlignment - (8 + text.size()) % kAlignment) % kAlignment, ' ');
  write_file_atomically(path, [&](std::ostream& stream) {
    const uint64_t size = text.size();
    stream.write(reinterpret_cast<const char*>(&size), sizeof(size));
    stream.write(text.data(), static_cast<std::streamsize>(text.size()));
    for (const auto& [name, tensor] : values) {
      stream.write(static_cast<const char*>(tensor.data_ptr()),
                   static_cast<std::streamsize>(tensor.nbytes()));
    }
  });
}

const torch::Tensor& TensorFile::tensor(const std::string& name) const {
  const auto found = tensors.find(name);
  if (found == tensors.end()) throw Error(fmt::format("{}: it has no tensor '{}'", origin, name));
  return found->second;
}

const std::string& TensorFile::text(const std::string& key) const {
  const auto found = metadata.find(key);
  if (found == metadata.end()) {
    throw Error(fmt::format("{}: it has no metadata entry '{}'", origin, key));
  }
  return found->second;
}

int64_t TensorFile::integer(const std::string& key) const {
  const std::string& value = text(key);
  int64_t number = 0;
  const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (code != std::errc() || end != value.data() + value.size()) {
    throw Error(fmt::format("{}: metadata '{}' is '{}', not an integer", origin, key, value));
  }
  return number;
}

double TensorFile::real(const std::string& key) const {
  const std::string& value = text(key);
  double number = 0;
  const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (code != std::errc() || end != value.data() + value.size()) {
    throw Error(fmt::format("{}: metadata '{}' is '{}', not a number", origin, key, value));
  }
  return number;
}

}  // namespace mkdt
