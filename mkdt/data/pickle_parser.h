// The operations of a pickle, taken apart one after the other; nothing of it is run.
// https://docs.python.org/3/library/pickletools.html: the operations.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// Operations that only number values for later reference are passed over: what is parsed here
// refers to nothing twice. Every function throws Error that says what was expected at which byte;
// it does not know the file's name.
class PickleParser {
 public:
  explicit PickleParser(std::string_view pickle) : pickle_(pickle) {}

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

}  // namespace mkdt
