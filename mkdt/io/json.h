// JSON from outside: how deep it nests, integers in it, files of one object a line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace mkdt {

// How deep a text nests, before a parser is let loose on it that would take memory or stack for
// every level.

constexpr size_t kDeepestJson = 64;

// The most brackets and braces of JSON that are open at once. Of other text: some number.
size_t json_depth(std::string_view text);

// Throws Error naming the origin if the text nests deeper than kDeepestJson.
void check_json_depth(std::string_view text, const std::string& origin);

// A file of JSON for a parser. Throws Error naming it if it is larger than 64 MiB or nests deeper
// than kDeepestJson. What the parser makes of it is below 24 times its size.
std::string read_json_text(const std::filesystem::path& path);

// Integers in JSON.

// Only what is written as an integer: nlohmann-json's get<int64_t>() takes 1e44 too, whose
// conversion is undefined. What lies above the range comes out negative. Throws
// nlohmann::json::exception.
int64_t json_integer(const nlohmann::json& value);
std::vector<int64_t> json_integers(const nlohmann::json& array);

// A file of one JSON object a line, such as log.jsonl, read line by line.

// Calls take(object) for every line that is an object, in order; other lines, and half a line at
// the end, are passed over, as are those that `take` finds something missing in (it throws
// nlohmann::json::exception). Nothing for an absent file. Error if the file cannot be read or has
// over 1 GiB.
void read_json_lines(const std::filesystem::path& path,
                     const std::function<void(const nlohmann::json& object)>& take);

}  // namespace mkdt
