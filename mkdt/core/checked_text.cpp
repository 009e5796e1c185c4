#include "mkdt/core/checked_text.h"

#include <system_error>

#include <fmt/format.h>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/checksum.h"
#include "mkdt/core/error.h"
#include "mkdt/core/previous_file.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr const char* kPrefix = "xxh3 ";

std::string first_line(const std::string& text) {
  return fmt::format("{}{}\n", kPrefix, checksum(text));
}

}  // namespace

std::string checked_text(const fs::path& path) {
  const std::string contents = read_text(path);
  const size_t end = contents.find('\n');
  const std::string text = end == std::string::npos ? "" : contents.substr(end + 1);
  if (contents.substr(0, end + 1) == first_line(text)) return text;
  throw Error(fmt::format("{}: damaged: its checksum is not that of its contents", path.string()));
}

void write_checked_text(const fs::path& path, const std::string& text) {
  write_next_version(
      path, [&](const fs::path& next) { write_text_atomically(next, first_line(text) + text); });
}

std::optional<std::string> read_checked_text(const fs::path& path, Observer& observer) {
  for (const fs::path& version : {path, previous_of(path)}) {
    if (!fs::exists(version)) continue;
    try {
      std::string text = checked_text(version);
      if (version != path) {
        observer.warn(fmt::format("goes on from '{}'", version.string()));
        std::error_code ignored;
        fs::remove(path, ignored);  // lest it become the version before
      }
      return text;
    } catch (const Error& error) {
      observer.warn(error.what());
    }
  }
  return std::nullopt;
}

}  // namespace mkdt
