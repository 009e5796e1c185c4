// Reads JSON from outside: files whose nesting is bounded, integers, and files of one object a
// line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace mkdt {

// A parser would take memory or stack for every level, so how deep a text nests is known before it
// is parsed.
constexpr size_t kDeepestJson = 64;

// Returns the most brackets and braces of JSON that are open at once; for another text, any number.
size_t json_depth(std::string_view text);

// Throws Error naming the origin if the text nests deeper than kDeepestJson.
void check_json_depth(std::string_view text, const std::string& origin);

// Returns the text of a file for a parser. Throws Error naming the file if it is larger than 64 MiB
// or nests deeper than kDeepestJson. The parser takes less than 24 times its size in memory.
std::string read_json_text(const std::filesystem::path& path);

// Returns an integer that is written as one: nlohmann-json's get<int64_t>() takes 1e44 too, whose
// conversion is undefined. A number above the range comes out negative. Throws
// nlohmann::json::exception for anything else.
int64_t json_integer(const nlohmann::json& value);
std::vector<int64_t> json_integers(const nlohmann::json& array);

// Writes a value that may be missing.
template <typename Value>
nlohmann::ordered_json or_null(const std::optional<Value>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

// Reads a file of one JSON object a line, such as log.jsonl: calls take(object) for every line that
// is an object, in order. Other lines, and half a line at the end, are passed over, as are those in
// which `take` misses something (it throws nlohmann::json::exception). An absent file has no lines.
// Throws Error if the file cannot be read or has over 1 GiB.
void read_json_lines(const std::filesystem::path& path,
                     const std::function<void(const nlohmann::json& object)>& take);

}  // namespace mkdt
