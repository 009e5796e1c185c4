#include "mkdt/data/tensor_pickle.h"

#include <stdexcept>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/printable.h"
#include "mkdt/data/pickle_parser.h"

namespace mkdt {
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

// ('storage', class, name, device, size), which a persistent id stands for.
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

}  // namespace mkdt
