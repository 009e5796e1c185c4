#include "mkdt/core/sync.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include <fmt/format.h>

#include "mkdt/core/error.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

void sync_to_disk(const fs::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags);
  if (descriptor < 0)
    throw Error(fmt::format("{}: cannot open: {}", path.string(), std::strerror(errno)));
  const bool synced = ::fsync(descriptor) == 0 || errno == EINVAL;  // some file systems have none
  const std::string why = synced ? "" : std::strerror(errno);
  ::close(descriptor);
  if (!synced) throw Error(fmt::format("{}: cannot sync: {}", path.string(), why));
}

}  // namespace

void sync_file(const fs::path& path) { sync_to_disk(path, O_RDONLY); }

void sync_folder(const fs::path& path) { sync_to_disk(path, O_RDONLY | O_DIRECTORY); }

}  // namespace mkdt
