#include "mkdt/core/npy_header.h"

#include <charconv>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/core/error.h"
#include "mkdt/core/mapped_file.h"

namespace mkdt {
namespace {

constexpr size_t kNpyAlignment = 64;

// Takes a text apart from its beginning.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  // Whether `symbol` comes next, which is then passed over.
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

  // "()", "(3,)", "(3, 2)" or "(3, 2,)"
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

}  // namespace mkdt
