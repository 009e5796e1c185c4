#include "mkdt/io/json.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/regular_file.h"

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

using Json = nlohmann::json;

int64_t json_integer(const Json& value) { return value.get_ref<const Json::number_integer_t&>(); }

std::vector<int64_t> json_integers(const Json& array) {
  std::vector<int64_t> integers;
  for (const Json& value : array.get_ref<const Json::array_t&>()) {
    integers.push_back(json_integer(value));
  }
  return integers;
}

void read_json_lines(const std::filesystem::path& path,
                     const std::function<void(const nlohmann::json& object)>& take) {
  if (!std::filesystem::exists(path)) return;
  const std::string text = read_text(path);
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (json_depth(line) > kDeepestJson) continue;
    const auto object = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object()) continue;
    try {
      take(object);
    } catch (const nlohmann::json::exception&) {
    }
  }
}

}  // namespace mkdt
