#include "mkdt/data/cache.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <sys/stat.h>
#include <system_error>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/io/checksum.h"

namespace mkdt {
namespace fs = std::filesystem;

FileStamps stamps_of(const fs::path& root, const std::vector<fs::path>& files) {
  FileStamps stamps;
  std::string names = fs::weakly_canonical(root).string() + '\0', state;
  for (const fs::path& file : files) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) {
      throw Error(fmt::format("{}: {}", file.string(), std::strerror(errno)));
    }
    constexpr int64_t kSecond = 1'000'000'000;
    const int64_t time = status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec;
    names += file.lexically_relative(root).string() + '\0';
    state += fmt::format("{} {}\n", status.st_size, time);
    stamps.bytes += status.st_size;
    stamps.newest = std::max(stamps.newest, time);
  }
  stamps.names = checksum(names);
  stamps.state = checksum(state);
  return stamps;
}

bool Cache::keeps(const FileStamps& stamps) const {
  constexpr std::chrono::nanoseconds kTicks = std::chrono::seconds(2);
  const std::chrono::nanoseconds now = std::chrono::system_clock::now().time_since_epoch();
  return !folder.empty() && stamps.bytes >= least_bytes && stamps.newest <= (now - kTicks).count();
}

Cache cache_of(const std::string& option) {
  if (option == "none") return {};
  if (option != "auto") return {option};
  constexpr int64_t kLeastBytes = int64_t{64} << 20;
  const auto value = [](const char* name) {
    const char* const text = std::getenv(name);
    return fs::path(text == nullptr ? "" : text);
  };
  const fs::path caches = value("XDG_CACHE_HOME"), home = value("HOME");
  if (caches.is_absolute()) return {caches / "mkdt", kLeastBytes};
  return {home.is_absolute() ? home / ".cache" / "mkdt" : fs::path(), kLeastBytes};
}

void clear(const Cache& cache) {
  if (cache.folder.empty()) return;
  for (const fs::path& folder : {cache.images(), cache.fingerprints()}) {
    std::error_code code;
    fs::remove_all(folder, code);
    if (code) throw Error(fmt::format("{}: cannot remove: {}", folder.string(), code.message()));
  }
}

}  // namespace mkdt
