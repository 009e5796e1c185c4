#include "mkdt/io/safetensors.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/base/text.h"
#include "mkdt/base/units.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/json.h"
#include "mkdt/io/regular_file.h"

namespace mkdt {
namespace fs = std::filesystem;
using Json = nlohmann::json;
namespace {

constexpr uint64_t kMaxHeader = 16 << 20;  // bytes
constexpr size_t kDeepest = 3;             // levels of the header: file, tensor, shape
constexpr size_t kAlignment = 64;          // of the values, so that they can be used in place

constexpr const char* kMetadata = "__metadata__";

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
  throw Error(fmt::format("{}: not a valid safetensors file: {}", path.string(), printable(what)));
}

std::optional<torch::Dtype> known_dtype(const std::string& name) {
  for (const DtypeName& entry : kDtypes) {
    if (name == entry.name) return entry.dtype;
  }
  return std::nullopt;
}

const char* dtype_name(const std::string& tensor, torch::Dtype dtype) {
  for (const DtypeName& entry : kDtypes) {
    if (dtype == entry.dtype) return entry.name;
  }
  throw std::logic_error(fmt::format("safetensors: '{}' has an unsupported dtype", tensor));
}

// The place of a tensor's values, in bytes from where the values begin.
struct Extent {
  uint64_t begin;
  uint64_t end;
  std::string tensor;
};

Extent extent_of(const fs::path& path, const std::string& name, const Json& entry,
                 uint64_t available) {
  const std::vector<int64_t> offsets = json_integers(entry.at("data_offsets"));
  if (offsets.size() != 2 || offsets[0] < 0 || offsets[0] > offsets[1] ||
      static_cast<uint64_t>(offsets[1]) > available) {
    malformed(path, fmt::format("tensor '{}' lies outside the file (is it truncated?)", name));
  }
  return {static_cast<uint64_t>(offsets[0]), static_cast<uint64_t>(offsets[1]), name};
}

// Throws Error unless every byte belongs to one tensor, as the format demands. So all of them
// together are no larger than the file, even where they have to be copied.
void check_coverage(const fs::path& path, std::vector<Extent> extents, uint64_t available) {
  std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  uint64_t covered = 0;
  for (const Extent& extent : extents) {
    if (extent.begin != covered) {
      malformed(path, fmt::format("tensor '{}' {} the values before it", extent.tensor,
                                  extent.begin < covered ? "overlaps" : "leaves a hole after"));
    }
    covered = extent.end;
  }
  if (covered != available) {
    malformed(path, fmt::format("{} bytes at its end belong to no tensor", available - covered));
  }
}

// Throws Error for a byte that is neither 0 nor 1: C++ may not look at it as a bool.
void check_booleans(const fs::path& path, const std::string& name, const torch::Tensor& tensor) {
  const auto* values = static_cast<const uint8_t*>(tensor.data_ptr());
  if (std::any_of(values, values + tensor.numel(), [](uint8_t value) { return value > 1; })) {
    malformed(path, fmt::format("tensor '{}' has booleans other than 0 and 1", name));
  }
}

torch::Tensor tensor_at(const fs::path& path, const std::shared_ptr<MappedFile>& mapping,
                        uint64_t values_begin, const Extent& extent, torch::Dtype dtype,
                        const Json& entry) {
  const std::string& name = extent.tensor;
  const std::vector<int64_t> shape = json_integers(entry.at("shape"));
  if (shape.size() > kMaxRank) {
    malformed(path, fmt::format("tensor '{}' has {} dimensions", name, shape.size()));
  }
  if (std::any_of(shape.begin(), shape.end(), [](int64_t size) { return size < 0; })) {
    malformed(path, fmt::format("tensor '{}' has a negative extent", name));
  }
  const std::optional<uint64_t> bytes = value_bytes(shape, c10::elementSize(dtype));
  if (!bytes) malformed(path, fmt::format("the shape of tensor '{}' overflows", name));
  if (extent.end - extent.begin != *bytes) {
    malformed(path, fmt::format("tensor '{}' has {} bytes, its shape needs {}", name,
                                extent.end - extent.begin, *bytes));
  }
  torch::Tensor tensor = mapped_tensor(mapping, values_begin + extent.begin, shape, dtype);
  if (dtype == torch::kBool) check_booleans(path, name, tensor);
  return tensor;
}

Json parse_header(const fs::path& path, std::string_view text) {
  if (json_depth(text) > kDeepest) malformed(path, "its header nests too deep");
  Json header = Json::parse(text);
  if (!header.is_object()) malformed(path, "its header is not a JSON object");
  return header;
}

// Reads the tensors once it is known that no two of them share a byte.
void read_tensors(const fs::path& path, const std::shared_ptr<MappedFile>& mapping,
                  uint64_t values_begin, const Json& header, TensorFile& file) {
  const uint64_t available = mapping->size() - values_begin;
  std::vector<Extent> extents;
  for (const auto& [name, entry] : header.items()) {
    if (name != kMetadata) extents.push_back(extent_of(path, name, entry, available));
  }
  check_coverage(path, extents, available);
  for (const Extent& extent : extents) {
    const Json& entry = header.at(extent.tensor);
    const auto type = entry.at("dtype").get<std::string>();
    if (const auto dtype = known_dtype(type)) {
      file.tensors[extent.tensor] = tensor_at(path, mapping, values_begin, extent, *dtype, entry);
    } else {
      file.passed_over[extent.tensor] = type;
    }
  }
}

}  // namespace

std::string safetensors_header(const std::map<std::string, TensorLayout>& tensors,
                               const std::map<std::string, std::string>& metadata,
                               uint64_t& bytes) {
  Json header = Json::object();
  for (const auto& [key, value] : metadata) header[kMetadata][as_utf8(key)] = as_utf8(value);
  bytes = 0;
  for (const auto& [name, layout] : tensors) {
    const std::optional<uint64_t> size = value_bytes(layout.shape, c10::elementSize(layout.dtype));
    TORCH_CHECK(size, "safetensors: '", name, "' has an impossible shape");
    header[name] = {{"dtype", dtype_name(name, layout.dtype)},
                    {"shape", layout.shape},
                    {"data_offsets", {bytes, bytes + *size}}};
    bytes += *size;
  }
  std::string text = header.dump();
  text.append((kAlignment - (8 + text.size()) % kAlignment) % kAlignment, ' ');
  const uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof(length)) + text;
}

TensorFile read_safetensors(const fs::path& path) {
  const auto mapping = std::make_shared<MappedFile>(path);
  if (mapping->size() < 8) malformed(path, "it is shorter than 8 bytes");
  uint64_t header_size = 0;
  std::memcpy(&header_size, mapping->data(), sizeof(header_size));
  if (header_size > kMaxHeader || header_size > mapping->size() - 8) {
    malformed(path, fmt::format("its header would have {} bytes", header_size));
  }
  TensorFile file;
  file.origin = path.string();
  try {
    const Json header = parse_header(path, {mapping->data() + 8, header_size});
    if (header.contains(kMetadata)) header.at(kMetadata).get_to(file.metadata);
    read_tensors(path, mapping, 8 + header_size, header, file);
  } catch (const Json::exception& error) {
    malformed(path, fmt::format("its header: {}", error.what()));
  }
  return file;
}

void write_safetensors(const fs::path& path, const TensorFile& file) {
  std::map<std::string, torch::Tensor> values;
  std::map<std::string, TensorLayout> layouts;
  for (const auto& [name, tensor] : file.tensors) {
    values[name] = tensor.detach().cpu().contiguous();
    layouts[name] = {tensor.scalar_type(), tensor.sizes().vec()};
  }
  write_safetensors(path, layouts, file.metadata, [&](std::ostream& stream) {
    for (const auto& [name, tensor] : values) write_values(stream, tensor);
  });
}

void write_safetensors(const fs::path& path, const std::map<std::string, TensorLayout>& tensors,
                       const std::map<std::string, std::string>& metadata,
                       const std::function<void(std::ostream&)>& write) {
  uint64_t bytes = 0;
  const std::string header = safetensors_header(tensors, metadata, bytes);
  write_file_atomically(path, [&](std::ostream& stream) {
    stream.write(header.data(), static_cast<std::streamsize>(header.size()));
    const std::streamoff begin = stream.tellp();
    write(stream);
    if (!stream) return;  // the disk's failure, which is reported with its reason
    const std::streamoff written = stream.tellp() - begin;
    TORCH_CHECK(static_cast<uint64_t>(written) == bytes, "safetensors: ", written,
                " bytes of values written, the shapes need ", bytes);
  });
}

void write_values(std::ostream& stream, const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.detach().cpu().contiguous();
  stream.write(static_cast<const char*>(values.data_ptr()),
               static_cast<std::streamsize>(values.nbytes()));
}

const torch::Tensor& TensorFile::tensor(const std::string& name) const {
  const auto found = tensors.find(name);
  if (found != tensors.end()) return found->second;
  const auto other = passed_over.find(name);
  if (other == passed_over.end()) {
    throw Error(fmt::format("{}: it has no tensor '{}'", origin, name));
  }
  throw Error(fmt::format("{}: tensor '{}' has dtype '{}', which is not supported", origin, name,
                          printable(other->second)));
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
  const std::optional<int64_t> number = parse_integer(value);
  if (number) return *number;
  throw Error(
      fmt::format("{}: metadata '{}' is '{}', not an integer", origin, key, printable(value)));
}

double TensorFile::real(const std::string& key) const {
  const std::string& value = text(key);
  double number = 0;
  const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (code != std::errc() || end != value.data() + value.size()) {
    throw Error(
        fmt::format("{}: metadata '{}' is '{}', not a number", origin, key, printable(value)));
  }
  return number;
}

}  // namespace mkdt
