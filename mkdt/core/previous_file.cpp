#include "mkdt/core/previous_file.h"

#include <system_error>

namespace mkdt {
namespace fs = std::filesystem;

fs::path previous_of(const fs::path& path) {
  fs::path name = path.stem();
  name += ".previous";
  name += path.extension();
  return path.parent_path() / name;
}

void keep_previous(const fs::path& path) {
  std::error_code code;
  if (!fs::exists(path, code)) return;
  const fs::path previous = previous_of(path);
  fs::remove(previous, code);
  fs::create_hard_link(path, previous, code);
  if (code) fs::rename(path, previous, code);  // a file system without links
}

}  // namespace mkdt
