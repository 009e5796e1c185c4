#include "mkdt/core/json_integer.h"

#include <nlohmann/json.hpp>

namespace mkdt {
using Json = nlohmann::json;

int64_t json_integer(const Json& value) { return value.get_ref<const Json::number_integer_t&>(); }

std::vector<int64_t> json_integers(const Json& array) {
  std::vector<int64_t> integers;
  for (const Json& value : array.get_ref<const Json::array_t&>()) {
    integers.push_back(json_integer(value));
  }
  return integers;
}

}  // namespace mkdt
