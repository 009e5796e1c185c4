#include "mkdt/page/json_lines.h"

#include <string_view>

#include <nlohmann/json.hpp>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/nesting.h"

namespace mkdt {

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
