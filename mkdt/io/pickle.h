// Parses the pickles in which Python's torch.save describes tensors, and dictionaries of them. A
// pickle is a program; here it is taken apart operation by operation and never run.
// https://docs.python.org/3/library/pickletools.html: the operations.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <torch/types.h>

namespace mkdt {

enum PickleOperation : uint8_t {
  kMark = '(',
  kEmptyTuple = ')',
  kStop = '.',
  kEmptyDictionary = '}',
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
  kSetItems = 'u',
  kProtocol = 0x80,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kTrue = 0x88,
  kFalse = 0x89,
  kLong1 = 0x8A,
};

// Reads a pickle from its beginning. Operations that only number values for later reference are
// passed over, since nothing that is parsed here refers to a value twice. Every function throws
// Error that says which operation was expected at which byte; it does not know the file's name.
class PickleParser {
 public:
  explicit PickleParser(std::string_view pickle) : pickle_(pickle) {}

  // Passes over `operation`, or throws Error that names `what` was expected.
  void expect(PickleOperation operation, const char* what);
  bool next_is(PickleOperation operation);
  bool take(PickleOperation operation);  // if it is next

  std::string global();  // "module name"
  std::string text();
  int64_t integer();
  bool boolean();
  std::vector<int64_t> tuple();   // of at most kMaxRank integers
  uint64_t number(size_t width);  // little-endian bytes

  [[noreturn]] void fail(const std::string& expected) const;

 private:
  void skip_numbering();
  std::optional<int64_t> integer_if_any();
  std::string_view bytes(uint64_t size);
  std::string line();

  std::string_view pickle_;
  size_t at_ = 0;
};

// One tensor, as torch._utils._rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad,
// hooks) describes it: where its values lie and how they are arranged.
struct TensorPickle {
  torch::Dtype dtype;
  std::string storage;  // the name of the entry with its values
  int64_t offset = 0;   // place of the first value, in values
  std::vector<int64_t> sizes;
  std::vector<int64_t> strides;  // as many
};

// Parses the pickle of a tensor. It has to be, operation by operation, the one that describes a
// tensor as Python's and C++'s PyTorch write it. Bounds: 64 KiB and kMaxRank dimensions; numbers
// are as the file has them. Throws Error that says which operation came instead; it does not know
// the file's name.
TensorPickle parse_tensor_pickle(std::string_view pickle);

// Parses a tensor within a larger pickle, without the limit of bytes.
TensorPickle parse_tensor(PickleParser& parser);

// Returns torch's class for the storage of such values, "FloatStorage". Asserts one of the
// floating-point types, or of integers up to 64 bits, that NumPy has too, or bfloat16.
const char* storage_class(torch::Dtype dtype);

// A dictionary of tensors and texts, as Python's torch.save keeps weights. A name stands in one of
// the three maps only.
struct TorchDictionary {
  std::map<std::string, torch::Tensor> tensors;  // of the types that storage_class knows
  std::map<std::string, std::string> texts;      // UTF-8
  std::map<std::string, TorchDictionary> dictionaries;
};

// A TorchDictionary as its pickle describes it.
struct DictionaryPickle {
  std::map<std::string, TensorPickle> tensors;
  std::map<std::string, std::string> texts;
  std::map<std::string, DictionaryPickle> dictionaries;
};

// Parses the pickle of a dictionary, which has to be one that io/torch_file.h writes. Bounds: 16
// MiB and three levels, with memory for up to eight times the pickle. Throws Error that says which
// operation came instead; it does not know the file's name.
DictionaryPickle parse_dictionary_pickle(std::string_view pickle);

}  // namespace mkdt
