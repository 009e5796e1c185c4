#include "mkdt/core/npy.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/error.h"
#include "mkdt/core/mapped_file.h"
#include "mkdt/core/npy_header.h"
#include "mkdt/core/printable.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kVersionEnd = 8;
constexpr uint64_t kMaxNpyHeader = 65'535;  // bytes, as in version 1.0

struct Descriptor {
  const char* name;
  torch::Dtype dtype;
};
constexpr Descriptor kDescriptors[] = {{"<f2", torch::kFloat16}, {"<f4", torch::kFloat32},
                                       {"<f8", torch::kFloat64}, {"<i8", torch::kInt64},
                                       {"<i4", torch::kInt32},   {"|u1", torch::kUInt8}};

const char* descriptor_of(torch::Dtype dtype) {
  for (const Descriptor& entry : kDescriptors) {
    if (dtype == entry.dtype) return entry.name;
  }
  throw std::invalid_argument("npy: no descriptor for this type of tensor");
}

torch::Dtype dtype_of(const fs::path& path, const std::string& descriptor) {
  for (const Descriptor& entry : kDescriptors) {
    if (descriptor == entry.name) return entry.dtype;
  }
  throw Error(fmt::format(
      "{}: an array of dtype '{}', which is not read; save it as array.astype('float32')",
      path.string(), printable(descriptor)));
}

[[noreturn]] void malformed(const fs::path& path, const std::string& what) {
  throw Error(fmt::format("{}: not a valid .npy file: {}", path.string(), printable(what)));
}

uint64_t little_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8U | static_cast<uint8_t>(bytes[i]);
  return value;
}

// Checks the fixed part; the header is then [begin, end) of the file.
struct HeaderRange {
  size_t begin;
  size_t end;
};
HeaderRange header_range(const fs::path& path, std::string_view file) {
  if (file.substr(0, kMagic.size()) != kMagic || file.size() < kVersionEnd) {
    malformed(path, "it does not begin with \\x93NUMPY and a version");
  }
  const int major = static_cast<uint8_t>(file[6]);
  const int minor = static_cast<uint8_t>(file[7]);
  if (major < 1 || major > 3 || minor != 0) {
    malformed(path, fmt::format("version {}.{}, expected 1.0, 2.0 or 3.0", major, minor));
  }
  const size_t begin = kVersionEnd + (major == 1 ? 2 : 4);
  if (file.size() < begin) malformed(path, "it ends before its header");
  const uint64_t size = little_endian(file.substr(kVersionEnd, begin - kVersionEnd));
  if (size > kMaxNpyHeader) malformed(path, fmt::format("its header would have {} bytes", size));
  if (size > file.size() - begin) {
    malformed(path, fmt::format("its header would have {} bytes (is it truncated?)", size));
  }
  return {begin, begin + size};
}

NpyHeader parse_header(const fs::path& path, std::string_view text) {
  try {
    return parse_npy_header(text);
  } catch (const Error& error) {
    malformed(path, error.what());
  }
}

std::string file_bytes(const NpyHeader& entries, std::string_view values) {
  const std::string header = npy_header_text(entries, kVersionEnd + 2);
  std::string bytes(kMagic);
  bytes += {'\x01', '\x00'};
  bytes += static_cast<char>(header.size() & 0xFFU);
  bytes += static_cast<char>(header.size() >> 8U);
  bytes += header;
  bytes += values;
  return bytes;
}

}  // namespace

std::string npy_bytes(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.detach().to(torch::kCPU).contiguous();
  return file_bytes({descriptor_of(values.scalar_type()), false, values.sizes().vec()},
                    {static_cast<const char*>(values.data_ptr()), values.nbytes()});
}

std::string npy_text_bytes(std::string_view ascii) {
  std::string characters;  // of four bytes
  for (const char letter : ascii) characters += {letter, '\0', '\0', '\0'};
  const size_t length = std::max<size_t>(ascii.size(), 1);
  characters.resize(4 * length);
  return file_bytes({fmt::format("<U{}", length), false, {}}, characters);
}

void write_npy(const fs::path& path, const torch::Tensor& tensor) {
  write_text_atomically(path, npy_bytes(tensor));
}

torch::Tensor read_npy(const fs::path& path) {
  const auto mapping = std::make_shared<MappedFile>(path);
  const std::string_view file(mapping->data(), mapping->size());
  const HeaderRange range = header_range(path, file);
  const NpyHeader header = parse_header(path, file.substr(range.begin, range.end - range.begin));
  const torch::Dtype dtype = dtype_of(path, header.descriptor);
  const std::optional<uint64_t> bytes = value_bytes(header.shape, c10::elementSize(dtype));
  if (!bytes) malformed(path, fmt::format("shape ({}) overflows", fmt::join(header.shape, ", ")));
  if (file.size() - range.end != *bytes) {
    malformed(path,
              fmt::format("{} bytes of values, but {} ({}) needs {}{}", file.size() - range.end,
                          header.descriptor, fmt::join(header.shape, ", "), *bytes,
                          file.size() - range.end < *bytes ? " (is it truncated?)" : ""));
  }
  if (!header.fortran_order) return mapped_tensor(mapping, range.end, header.shape, dtype);
  // In memory, the array in Fortran order is its transpose in C order.
  const std::vector<int64_t> reversed(header.shape.rbegin(), header.shape.rend());
  std::vector<int64_t> order(reversed.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(order.size() - 1 - i);
  return mapped_tensor(mapping, range.end, reversed, dtype).permute(order);
}

}  // namespace mkdt
