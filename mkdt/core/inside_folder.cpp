#include "mkdt/core/inside_folder.h"

#include <algorithm>
#include <filesystem>

namespace mkdt {

bool stays_inside(const std::string& name) {
  const std::filesystem::path path(name);
  return !name.empty() && path.is_relative() && name.find('\0') == std::string::npos &&
         std::find(path.begin(), path.end(), "..") == path.end();
}

}  // namespace mkdt
