// How deep a text nests, before a parser is let loose on it that would take memory or stack for
// every level.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace mkdt {

constexpr size_t kDeepestJson = 64;

// The most brackets and braces of JSON that are open at once. Of other text: some number.
size_t json_depth(std::string_view text);

// Throws Error naming the origin if the text nests deeper than kDeepestJson.
void check_json_depth(std::string_view text, const std::string& origin);

// A file of JSON for a parser. Throws Error naming it if it is larger than 64 MiB or nests deeper
// than kDeepestJson. What the parser makes of it is below 24 times its size.
std::string read_json_text(const std::filesystem::path& path);

}  // namespace mkdt
