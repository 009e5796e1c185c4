#include "mkdt/data/tensor_pickle.h"

#include <optional>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/mapped_file.h"
#include "mkdt/core/printable.h"

namespace mkdt {
namespace {

constexpr size_t kMaxBytes = 1 << 16;

enum Operation : uint8_t {
  kMark = '(',
  kEmptyTuple = ')',
  kStop = '.',
  kInt4 = 'J',
  kInt1 = 'K',
  kInt2 = 'M',
  kPersistentId = 'Q',
  kReduce = 'R',
  kText = 'X',
  kGlobal = 'c',
  kPut1 = 'q',
  kPut4 = 'r',
  kTuple = 't',
  kProtocol = 0x80,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kTrue = 0x88,
  kFalse = 0x89,
  kLong1 = 0x8A,
};

struct StorageType {
  const char* name;
  torch::Dtype dtype;
};
constexpr StorageType kStorageTypes[] = {
    {"DoubleStorage", torch::kFloat64}, {"FloatStorage", torch::kFloat32},
    {"HalfStorage", torch::kFloat16},   {"BFloat16Storage", torch::kBFloat16},
    {"LongStorage", torch::kInt64},     {"IntStorage", torch::kInt32},
    {"ShortStorage", torch::kInt16},    {"CharStorage", torch::kInt8},
    {"ByteStorage", torch::kUInt8}};

// Takes the operations apart from the first one on. Those that only number values for later
// reference are passed over: the pickle of one tensor refers to nothing twice.
class Parser {
 public:
  explicit Parser(std::string_view pickle) : pickle_(pickle) {}

  void expect(Operation operation, const char* what) {
    if (!take(operation)) fail(what);
  }

  bool next_is(Operation operation) {
    skip_numbering();
    return at_ < pickle_.size() && static_cast<uint8_t>(pickle_[at_]) == operation;
  }

  bool take(Operation operation) {
    const bool found = next_is(operation);
    if (found) ++at_;
    return found;
  }

  // "module name"
  std::string global() {
    expect(kGlobal, "the name of a class");
    const std::string module = line();
    return module + ' ' + line();
  }

  std::string text() {
    expect(kText, "a text");
    return std::string(bytes(number(4)));
  }

  int64_t integer() {
    const std::optional<int64_t> value = integer_if_any();
    if (!value) fail("a number");
    return *value;
  }

  bool boolean() {
    if (take(kTrue)) return true;
    expect(kFalse, "True or False");
    return false;
  }

  std::vector<int64_t> tuple() {
    if (take(kEmptyTuple)) return {};
    const bool marked = take(kMark);
    std::vector<int64_t> values;
    while (const std::optional<int64_t> value = integer_if_any()) {
      if (values.size() == kMaxRank) fail("fewer dimensions");
      values.push_back(*value);
    }
    constexpr Operation kOfSize[] = {kTuple1, kTuple2, kTuple3};
    const size_t size = values.size();
    if (!marked && (size < 1 || size > 3)) fail("a tuple of numbers");
    expect(marked ? kTuple : kOfSize[size - 1], "a tuple of numbers");
    return values;
  }

  uint64_t number(size_t width) {
    uint64_t value = 0;
    const std::string_view little_endian = bytes(width);
    for (size_t i = width; i-- > 0;) value = value << 8U | static_cast<uint8_t>(little_endian[i]);
    return value;
  }

  [[noreturn]] void fail(const std::string& expected) const {
    throw Error(fmt::format("its pickle: expected {} at byte {}", expected, at_));
  }

 private:
  void skip_numbering() {
    while (at_ < pickle_.size() && (pickle_[at_] == kPut1 || pickle_[at_] == kPut4)) {
      const size_t width = pickle_[at_] == kPut1 ? 1 : 4;
      ++at_;
      bytes(width);
    }
  }

  std::optional<int64_t> integer_if_any() {
    if (take(kInt1)) return static_cast<int64_t>(number(1));
    if (take(kInt2)) return static_cast<int64_t>(number(2));
    if (take(kInt4)) return static_cast<int32_t>(number(4));
    if (!take(kLong1)) return std::nullopt;
    const uint64_t width = number(1);
    if (width < 1 || width > 8) fail("a number of 64 bits");
    const unsigned unused = 64 - 8 * static_cast<unsigned>(width);  // the sign is in the last byte
    return static_cast<int64_t>(number(width) << unused) >> unused;
  }

  std::string_view bytes(uint64_t size) {
    if (size > pickle_.size() - at_) fail(fmt::format("{} bytes", size));
    const std::string_view found = pickle_.substr(at_, size);
    at_ += size;
    return found;
  }

  std::string line() {
    const size_t end = pickle_.find('\n', at_);
    if (end == std::string_view::npos) fail("the end of a name");
    const std::string found(pickle_.substr(at_, end - at_));
    at_ = end + 1;
    return found;
  }

  std::string_view pickle_;
  size_t at_ = 0;
};

torch::Dtype dtype_of(const std::string& global) {
  for (const StorageType& type : kStorageTypes) {
    if (global == std::string("torch ") + type.name) return type.dtype;
  }
  throw Error(fmt::format("it holds values of '{}'", printable(global)));
}

// ('storage', class, name, device, size), which a persistent id stands for.
void parse_storage(Parser& parser, TensorPickle& tensor) {
  parser.expect(kMark, "a storage");
  if (parser.text() != "storage") parser.fail("'storage'");
  tensor.dtype = dtype_of(parser.global());
  tensor.storage = parser.text();
  parser.text();
  parser.integer();
  parser.expect(kTuple, "the end of the storage");
  parser.expect(kPersistentId, "the storage");
}

void expect_global(Parser& parser, const std::string& expected) {
  const std::string found = parser.global();
  if (found != expected) {
    throw Error(fmt::format("it holds a '{}' (save tensor.detach() with nothing around it)",
                            printable(found)));
  }
}

}  // namespace

TensorPickle parse_tensor_pickle(std::string_view pickle) {
  if (pickle.size() > kMaxBytes) throw Error("it holds more than a tensor");
  Parser parser(pickle);
  TensorPickle tensor{};
  parser.expect(kProtocol, "a pickle");
  parser.number(1);
  if (!parser.next_is(kGlobal)) {
    throw Error("it holds no tensor (save tensor.detach() with nothing around it)");
  }
  expect_global(parser, "torch._utils _rebuild_tensor_v2");
  parser.expect(kMark, "the tensor's parts");
  parse_storage(parser, tensor);
  tensor.offset = parser.integer();
  tensor.sizes = parser.tuple();
  tensor.strides = parser.tuple();
  if (tensor.sizes.size() != tensor.strides.size()) parser.fail("a stride for each dimension");
  parser.boolean();
  expect_global(parser, "collections OrderedDict");
  parser.expect(kEmptyTuple, "no hooks");
  parser.expect(kReduce, "no hooks");
  parser.expect(kTuple, "the end of the tensor's parts");
  parser.expect(kReduce, "a tensor");
  parser.expect(kStop, "the end");
  return tensor;
}

}  // namespace mkdt
