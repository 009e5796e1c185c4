#include "mkdt/data/pickle_parser.h"

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/mapped_file.h"

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

}  // namespace mkdt
