#include "mkdt/data/among_images.h"

#include <system_error>

#include <fmt/format.h>

#include "mkdt/data/image_ending.h"
#include "mkdt/data/own_folders.h"
#include "mkdt/data/picture_mark.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

bool is_foreign_image(const fs::directory_entry& entry) {
  std::error_code code;
  return is_image_ending(ending_of(entry.path())) && entry.is_regular_file(code) &&
         !is_marked_picture(entry.path());
}

// Down to `depth` folders below; what cannot be listed holds none.
bool holds_images(const fs::path& folder, int depth) {
  if (!own_folder_kind(folder).empty()) return false;
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    std::error_code ignored;
    if (entry->is_directory(ignored) ? depth > 0 && holds_images(entry->path(), depth - 1)
                                     : is_foreign_image(*entry)) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string note_among_images(const fs::path& path) {
  std::error_code code;
  const fs::path whole = fs::absolute(path, code).lexically_normal();
  if (code) return "";
  const fs::path folder =
      whole.has_filename() ? whole.parent_path() : whole.parent_path().parent_path();
  // A stage's folder lies in a run's.
  if (is_run_folder(folder.parent_path()) || !holds_images(folder, /*depth=*/1)) return "";
  return fmt::format("{}: lies among images; what mkdt writes is not read as data", path.string());
}

}  // namespace mkdt
