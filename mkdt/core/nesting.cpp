#include "mkdt/core/nesting.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/regular_file.h"

namespace mkdt {
namespace {

constexpr uint64_t kMaxJson = uint64_t{64} << 20;  // bytes

}  // namespace

size_t json_depth(std::string_view text) {
  size_t depth = 0;
  size_t deepest = 0;
  bool quoted = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const char letter = text[at];
    if (quoted) {
      if (letter == '\\') ++at;
      if (letter == '"') quoted = false;
    } else if (letter == '"') {
      quoted = true;
    } else if (letter == '[' || letter == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((letter == ']' || letter == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

void check_json_depth(std::string_view text, const std::string& origin) {
  const size_t depth = json_depth(text);
  if (depth <= kDeepestJson) return;
  throw Error(
      fmt::format("{}: JSON of {} levels, expected at most {}", origin, depth, kDeepestJson));
}

std::string read_json_text(const std::filesystem::path& path) {
  std::string text = read_regular_file(path, kMaxJson);
  check_json_depth(text, path.string());
  return text;
}

}  // namespace mkdt
