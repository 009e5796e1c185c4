#include "cli/among_images.h"

#include <cstdio>

#include <fmt/format.h>

#include "cli/verbosity.h"
#include "mkdt/core/printable.h"
#include "mkdt/data/among_images.h"

namespace mkdt::cli {

void say_if_among_images(const std::filesystem::path& path) {
  constexpr size_t kLongest = 4000;  // bytes
  const std::string note = note_among_images(path);
  if (!note.empty() && !verbosity().quiet) fmt::print(stderr, "{}\n", printable(note, kLongest));
}

}  // namespace mkdt::cli
