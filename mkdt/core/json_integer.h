// Integers in JSON.
#pragma once

#include <cstdint>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace mkdt {

// Only what is written as an integer: nlohmann-json's get<int64_t>() takes 1e44 too, whose
// conversion is undefined. What lies above the range comes out negative. Throws
// nlohmann::json::exception.
int64_t json_integer(const nlohmann::json& value);
std::vector<int64_t> json_integers(const nlohmann::json& array);

}  // namespace mkdt
