#include "cli/among_images.h"

#include <cstdio>
#include <system_error>

#include <fmt/format.h>

#include "cli/verbosity.h"
#include "mkdt/base/error.h"
#include "mkdt/base/text.h"
#include "mkdt/data/image_file.h"
#include "mkdt/data/own_folders.h"
#include "mkdt/data/png.h"
#include "mkdt/run/manifest.h"

namespace mkdt::cli {

void say_if_among_images(const std::filesystem::path& path) {
  constexpr size_t kLongest = 4000;  // bytes
  const std::string note = note_among_images(path);
  if (!note.empty() && !verbosity().quiet) fmt::print(stderr, "{}\n", printable(note, kLongest));
}

void check_output(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code code;
  if (!fs::is_regular_file(path, code)) return;
  const fs::path whole = fs::weakly_canonical(path);
  const fs::path stage = whole.parent_path();
  const auto manifest = read_manifest(stage / kManifestFile);
  if (manifest && manifest->outputs.count((stage.filename() / whole.filename()).string()) != 0) {
    throw Error(fmt::format("--out: '{}' is a file of a run, by its stage '{}'; name another one",
                            path.string(), manifest->stage));
  }
  if (is_image_ending(ending_of(path)) && !is_marked_picture(path)) {
    throw Error(
        fmt::format("--out: '{}' is an image that is there; name another file", path.string()));
  }
}

}  // namespace mkdt::cli
