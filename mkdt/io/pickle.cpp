#include "mkdt/io/pickle.h"

#include <stdexcept>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/text.h"
#include "mkdt/io/regular_file.h"

namespace mkdt {

void PickleParser::expect(PickleOperation operation, const char* what) {
  if (!take(operation)) fail(what);
}

bool PickleParser::next_is(PickleOperation operation) {
  skip_numbering();
  return at_ < pickle_.size() && static_cast<uint8_t>(pickle_[at_]) == operation;
}

bool PickleParser::take(PickleOperation operation) {
  const bool found = next_is(operation);
  if (found) ++at_;
  return found;
}

std::string PickleParser::global() {
  expect(kGlobal, "the name of a class");
  const std::string module = line();
  return module + ' ' + line();
}

std::string PickleParser::text() {
  expect(kText, "a text");
  return std::string(bytes(number(4)));
}

int64_t PickleParser::integer() {
  const std::optional<int64_t> value = integer_if_any();
  if (!value) fail("a number");
  return *value;
}

bool PickleParser::boolean() {
  if (take(kTrue)) return true;
  expect(kFalse, "True or False");
  return false;
}

std::vector<int64_t> PickleParser::tuple() {
  if (take(kEmptyTuple)) return {};
  const bool marked = take(kMark);
  std::vector<int64_t> values;
  while (const std::optional<int64_t> value = integer_if_any()) {
    if (values.size() == kMaxRank) fail("fewer dimensions");
    values.push_back(*value);
  }
  constexpr PickleOperation kOfSize[] = {kTuple1, kTuple2, kTuple3};
  const size_t size = values.size();
  if (!marked && (size < 1 || size > 3)) fail("a tuple of numbers");
  expect(marked ? kTuple : kOfSize[size - 1], "a tuple of numbers");
  return values;
}

uint64_t PickleParser::number(size_t width) {
  uint64_t value = 0;
  const std::string_view little_endian = bytes(width);
  for (size_t i = width; i-- > 0;) value = value << 8U | static_cast<uint8_t>(little_endian[i]);
  return value;
}

void PickleParser::fail(const std::string& expected) const {
  throw Error(fmt::format("its pickle: expected {} at byte {}", expected, at_));
}

void PickleParser::skip_numbering() {
  while (at_ < pickle_.size() && (pickle_[at_] == kPut1 || pickle_[at_] == kPut4)) {
    const size_t width = pickle_[at_] == kPut1 ? 1 : 4;
    ++at_;
    bytes(width);
  }
}

std::optional<int64_t> PickleParser::integer_if_any() {
  if (take(kInt1)) return static_cast<int64_t>(number(1));
  if (take(kInt2)) return static_cast<int64_t>(number(2));
  if (take(kInt4)) return static_cast<int32_t>(number(4));
  if (!take(kLong1)) return std::nullopt;
  const uint64_t width = number(1);
  if (width < 1 || width > 8) fail("a number of 64 bits");
  const unsigned unused = 64 - 8 * static_cast<unsigned>(width);  // the sign is in the last byte
  return static_cast<int64_t>(number(width) << unused) >> unused;
}

std::string_view PickleParser::bytes(uint64_t size) {
  if (size > pickle_.size() - at_) fail(fmt::format("{} bytes", size));
  const std::string_view found = pickle_.substr(at_, size);
  at_ += size;
  return found;
}

std::string PickleParser::line() {
  const size_t end = pickle_.find('\n', at_);
  if (end == std::string_view::npos) fail("the end of a name");
  const std::string found(pickle_.substr(at_, end - at_));
  at_ = end + 1;
  return found;
}

namespace {

constexpr size_t kMaxTensorPickle = 1 << 16;

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

torch::Dtype dtype_of(const std::string& global) {
  for (const StorageType& type : kStorageTypes) {
    if (global == std::string("torch ") + type.name) return type.dtype;
  }
  throw Error(fmt::format("it holds values of '{}'", printable(global)));
}

// Parses ('storage', class, name, device, size), for which a persistent id stands.
void parse_storage(PickleParser& parser, TensorPickle& tensor) {
  parser.expect(kMark, "a storage");
  if (parser.text() != "storage") parser.fail("'storage'");
  tensor.dtype = dtype_of(parser.global());
  tensor.storage = parser.text();
  parser.text();
  parser.integer();
  parser.expect(kTuple, "the end of the storage");
  parser.expect(kPersistentId, "the storage");
}

void expect_global(PickleParser& parser, const std::string& expected) {
  const std::string found = parser.global();
  if (found != expected) {
    throw Error(fmt::format("it holds a '{}' (save tensor.detach() with nothing around it)",
                            printable(found)));
  }
}

}  // namespace

TensorPickle parse_tensor(PickleParser& parser) {
  TensorPickle tensor{};
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
  return tensor;
}

TensorPickle parse_tensor_pickle(std::string_view pickle) {
  if (pickle.size() > kMaxTensorPickle) throw Error("it holds more than a tensor");
  PickleParser parser(pickle);
  parser.expect(kProtocol, "a pickle");
  parser.number(1);
  if (!parser.next_is(kGlobal)) {
    throw Error("it holds no tensor (save tensor.detach() with nothing around it)");
  }
  TensorPickle tensor = parse_tensor(parser);
  parser.expect(kStop, "the end");
  return tensor;
}

const char* storage_class(torch::Dtype dtype) {
  for (const StorageType& type : kStorageTypes) {
    if (type.dtype == dtype) return type.name;
  }
  throw std::logic_error("torch has no storage of such values");
}

namespace {

constexpr size_t kMaxDictionary = 16 << 20;
constexpr int kMaxLevels = 3;

// Parses the entries of a dictionary behind the operation that begins it.
DictionaryPickle parse_entries(PickleParser& parser, int level) {
  if (level == kMaxLevels) parser.fail("fewer dictionaries within each other");
  DictionaryPickle dictionary;
  parser.expect(kMark, "a dictionary's entries");
  while (!parser.take(kSetItems)) {
    const std::string name = parser.text();
    if (parser.take(kEmptyDictionary)) {
      dictionary.dictionaries[name] = parse_entries(parser, level + 1);
    } else if (parser.next_is(kText)) {
      dictionary.texts[name] = parser.text();
    } else {
      dictionary.tensors[name] = parse_tensor(parser);
    }
  }
  return dictionary;
}

}  // namespace

DictionaryPickle parse_dictionary_pickle(std::string_view pickle) {
  if (pickle.size() > kMaxDictionary) throw Error("its pickle has more than 16 MiB");
  PickleParser parser(pickle);
  parser.expect(kProtocol, "a pickle");
  parser.number(1);
  parser.expect(kEmptyDictionary, "a dictionary");
  DictionaryPickle dictionary = parse_entries(parser, 0);
  parser.expect(kStop, "the end");
  return dictionary;
}

}  // namespace mkdt
