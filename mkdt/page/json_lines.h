// A file of one JSON object a line, such as log.jsonl, read line by line.
#pragma once

#include <filesystem>
#include <functional>

#include <nlohmann/json_fwd.hpp>

namespace mkdt {

// Calls take(object) for every line that is an object, in order; other lines, and half a line at
// the end, are passed over, as are those that `take` finds something missing in (it throws
// nlohmann::json::exception). Nothing for an absent file. Error if the file cannot be read or has
// over 1 GiB.
void read_json_lines(const std::filesystem::path& path,
                     const std::function<void(const nlohmann::json& object)>& take);

}  // namespace mkdt
