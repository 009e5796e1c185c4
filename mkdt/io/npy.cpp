#include "mkdt/io/npy.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/error.h"
#include "mkdt/base/text.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/regular_file.h"
#include "mkdt/io/zip.h"

namespace mkdt {
namespace {

constexpr size_t kNpyAlignment = 64;

// Takes a text apart from its beginning.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  // Tells whether `symbol` comes next, and passes over it.
  bool take(std::string_view symbol) {
    skip_spaces();
    if (text_.substr(at_, symbol.size()) != symbol) return false;
    at_ += symbol.size();
    return true;
  }

  void expect(std::string_view symbol) {
    if (!take(symbol)) fail(fmt::format("'{}'", symbol));
  }

  std::string quoted(const std::string& what) {
    skip_spaces();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    const size_t end = quote == '\'' || quote == '"' ? text_.find(quote, at_ + 1) : text_.npos;
    if (end == text_.npos) fail(what);
    std::string inside(text_.substr(at_ + 1, end - at_ - 1));
    if (inside.find_first_of("\\\n") != inside.npos) fail(what);
    at_ = end + 1;
    return inside;
  }

  bool boolean() {
    if (take("True")) return true;
    if (take("False")) return false;
    fail("True or False");
  }

  // Reads "()", "(3,)", "(3, 2)" or "(3, 2,)".
  std::vector<int64_t> tuple() {
    expect("(");
    std::vector<int64_t> values;
    while (!take(")")) {
      if (values.size() == kMaxRank) fail(fmt::format("at most {} extents", kMaxRank));
      values.push_back(natural());
      if (take(",")) continue;
      if (values.size() == 1) fail("','");
      expect(")");
      break;
    }
    return values;
  }

  bool at_end() {
    skip_spaces();
    return at_ == text_.size();
  }

  [[noreturn]] void fail(const std::string& expected) const {
    throw Error(fmt::format("its header: expected {} at byte {}", expected, at_));
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  int64_t natural() {
    skip_spaces();
    const char* begin = text_.data() + at_;
    int64_t value = 0;
    const auto [end, code] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (code != std::errc() || value < 0) fail("an extent");
    at_ += static_cast<size_t>(end - begin);
    return value;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::string npy_header_text(const NpyHeader& header, size_t before) {
  const char* comma = header.shape.size() == 1 ? "," : "";
  std::string text =
      fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': ({}{}), }}", header.descriptor,
                  header.fortran_order ? "True" : "False", fmt::join(header.shape, ", "), comma);
  const size_t unpadded = before + text.size() + 1;
  text.append((kNpyAlignment - unpadded % kNpyAlignment) % kNpyAlignment, ' ');
  return text + '\n';
}

NpyHeader parse_npy_header(std::string_view text) {
  Parser parser(text);
  NpyHeader header;
  std::set<std::string> keys;
  parser.expect("{");
  while (!parser.take("}")) {
    const std::string key = parser.quoted("a key");
    parser.expect(":");
    if (!keys.insert(key).second) throw Error(fmt::format("its header has '{}' twice", key));
    if (key == "descr") {
      header.descriptor = parser.quoted("a type in quotes (arrays of records are not read)");
    } else if (key == "fortran_order") {
      header.fortran_order = parser.boolean();
    } else if (key == "shape") {
      header.shape = parser.tuple();
    } else {
      throw Error(fmt::format("its header has an unknown entry '{}'", key));
    }
    if (parser.take(",")) continue;
    parser.expect("}");
    break;
  }
  if (!parser.at_end()) parser.fail("its end");
  if (keys.size() != 3) {
    throw Error("its header lacks one of 'descr', 'fortran_order' and 'shape'");
  }
  return header;
}

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

[[noreturn]] void malformed_npy(const fs::path& path, const std::string& what) {
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
    malformed_npy(path, "it does not begin with \\x93NUMPY and a version");
  }
  const int major = static_cast<uint8_t>(file[6]);
  const int minor = static_cast<uint8_t>(file[7]);
  if (major < 1 || major > 3 || minor != 0) {
    malformed_npy(path, fmt::format("version {}.{}, expected 1.0, 2.0 or 3.0", major, minor));
  }
  const size_t begin = kVersionEnd + (major == 1 ? 2 : 4);
  if (file.size() < begin) malformed_npy(path, "it ends before its header");
  const uint64_t size = little_endian(file.substr(kVersionEnd, begin - kVersionEnd));
  if (size > kMaxNpyHeader)
    malformed_npy(path, fmt::format("its header would have {} bytes", size));
  if (size > file.size() - begin) {
    malformed_npy(path, fmt::format("its header would have {} bytes (is it truncated?)", size));
  }
  return {begin, begin + size};
}

NpyHeader header_in_file(const fs::path& path, std::string_view text) {
  try {
    return parse_npy_header(text);
  } catch (const Error& error) {
    malformed_npy(path, error.what());
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
  const NpyHeader header = header_in_file(path, file.substr(range.begin, range.end - range.begin));
  const torch::Dtype dtype = dtype_of(path, header.descriptor);
  const std::optional<uint64_t> bytes = value_bytes(header.shape, c10::elementSize(dtype));
  if (!bytes)
    malformed_npy(path, fmt::format("shape ({}) overflows", fmt::join(header.shape, ", ")));
  if (file.size() - range.end != *bytes) {
    malformed_npy(path,
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

void write_npz(const std::filesystem::path& path,
               const std::map<std::string, torch::Tensor>& tensors,
               const std::map<std::string, std::string>& texts) {
  write_stored_zip(path, [&](ZipWriter& archive) {
    for (const auto& [name, tensor] : tensors) archive.add(name + ".npy", npy_bytes(tensor));
    for (const auto& [name, text] : texts) archive.add(name + ".npy", npy_text_bytes(text));
  });
}

}  // namespace mkdt
