#include "mkdt/core/previous_file.h"

#include <system_error>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/sync.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

fs::path beside(const fs::path& path, const char* mark) {
  fs::path name = path.stem();
  name += mark;
  name += path.extension();
  return path.parent_path() / name;
}

void put_in_place(const fs::path& from, const fs::path& to) {
  std::error_code code;
  fs::rename(from, to, code);
  if (code) throw Error(fmt::format("{}: cannot rename: {}", to.string(), code.message()));
}

}  // namespace

fs::path previous_of(const fs::path& path) { return beside(path, ".previous"); }

void write_next_version(const fs::path& path, const std::function<void(const fs::path&)>& write) {
  const fs::path next = beside(path, ".next");
  write(next);
  std::error_code code;
  if (fs::exists(path, code)) put_in_place(path, previous_of(path));
  put_in_place(next, path);
  sync_folder(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

}  // namespace mkdt
