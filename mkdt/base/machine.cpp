#include "mkdt/base/machine.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>
#include <sys/statvfs.h>

#include <fmt/format.h>

#include "mkdt/base/units.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

std::string text_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// Returns the number behind the first line's word `name`, whatever separates them.
std::optional<int64_t> entry(const std::string& text, const std::string& name) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    int64_t value = 0;
    if (words >> word && word == name && words >> value) return value;
  }
  return std::nullopt;
}

// Reads a file of one number; version 2's "max" is none.
std::optional<int64_t> number(const fs::path& path) {
  std::istringstream text(text_of(path));
  int64_t value = 0;
  if (text >> value) return value;
  return std::nullopt;
}

// The two versions' names for the same things.
struct Names {
  const char* limit;
  const char* usage;
  const char* cache;
};
constexpr Names kVersion1 = {"memory.limit_in_bytes", "memory.usage_in_bytes",
                             "total_inactive_file"};
constexpr Names kVersion2 = {"memory.max", "memory.current", "inactive_file"};

class Least {
 public:
  void see(int64_t bytes, const std::string& origin) {
    bytes = std::max<int64_t>(bytes, 0);
    if (!found_ || bytes < found_->bytes) found_ = {bytes, origin};
  }
  const std::optional<AvailableMemory>& found() const { return found_; }

 private:
  std::optional<AvailableMemory> found_;
};

void see_group(const fs::path& folder, const std::string& name, const Names& names, Least& least) {
  const auto limit = number(folder / names.limit);
  const auto usage = number(folder / names.usage);
  // Version 1 says "no limit" by a number that no machine has.
  if (!limit || !usage || *limit > std::numeric_limits<int64_t>::max() / 2) return;
  const int64_t cache = entry(text_of(folder / "memory.stat"), names.cache).value_or(0);
  least.see(*limit - *usage + cache,
            fmt::format("limit of {} of the cgroup {}", byte_text(*limit), name));
}

bool names_one(const std::string& controllers, const std::string& wanted) {
  std::istringstream list(controllers);
  for (std::string one; std::getline(list, one, ',');) {
    if (one == wanted) return true;
  }
  return false;
}

enum class Version { kOne, kTwo };
using SeeGroup =
    std::function<void(const fs::path& folder, const std::string& name, Version version)>;

// Visits the group and its parents. In a container the path may be one of the host, and the group
// itself be what is mounted: folders that are not there say nothing.
void see_group_and_parents(const fs::path& mounted, const std::string& group, Version version,
                           const SeeGroup& see) {
  for (fs::path path = fs::path(group).relative_path();; path = path.parent_path()) {
    see(mounted / path, "/" + path.generic_string(), version);
    if (path.empty()) return;
  }
}

// Visits the process's control groups that may limit what `controller` counts.
void see_groups(const fs::path& root, const std::string& controller, const SeeGroup& see) {
  const fs::path mounted = root / "sys" / "fs" / "cgroup";
  std::istringstream lines(text_of(root / "proc" / "self" / "cgroup"));
  // Each line is hierarchy:controllers:path; version 2 is hierarchy 0 without controllers.
  for (std::string line; std::getline(lines, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    if (controllers.empty()) {
      see_group_and_parents(mounted, group, Version::kTwo, see);
      see_group_and_parents(mounted / "unified", group, Version::kTwo, see);
    } else if (names_one(controllers, controller)) {
      see_group_and_parents(mounted / controller, group, Version::kOne, see);
    }
  }
}

// Reads quota and period from version 2's cpu.max ("max 100000" or "150000 100000") or from version
// 1's two files, where −1 is no quota, and returns cores.
std::optional<double> quota_of(const fs::path& folder, Version version) {
  std::istringstream text(version == Version::kTwo ? text_of(folder / "cpu.max")
                                                   : text_of(folder / "cpu.cfs_quota_us") + " " +
                                                         text_of(folder / "cpu.cfs_period_us"));
  int64_t quota = 0, period = 0;
  if (!(text >> quota >> period) || quota <= 0 || period <= 0) return std::nullopt;
  return static_cast<double>(quota) / static_cast<double>(period);
}

}  // namespace

std::optional<int64_t> meminfo_available(const std::string& meminfo) {
  const auto kibibytes = entry(meminfo, "MemAvailable:");
  if (!kibibytes) return std::nullopt;
  return *kibibytes * 1024;
}

std::optional<AvailableMemory> available_memory(const fs::path& root) {
  Least least;
  if (const auto bytes = meminfo_available(text_of(root / "proc" / "meminfo"))) {
    least.see(*bytes, "the machine's memory");
  }
  see_groups(root, "memory", [&](const fs::path& folder, const std::string& name, Version version) {
    see_group(folder, name, version == Version::kTwo ? kVersion2 : kVersion1, least);
  });
  return least.found();
}

std::optional<double> cpu_quota(const fs::path& root) {
  std::optional<double> least;
  see_groups(root, "cpu", [&](const fs::path& folder, const std::string&, Version version) {
    const auto cores = quota_of(folder, version);
    if (cores && (!least || *cores < *least)) least = cores;
  });
  return least;
}

std::optional<int64_t> available_disk(const fs::path& folder) {
  std::error_code code;
  fs::path there = fs::absolute(folder, code);
  while (!fs::exists(there, code) && there.has_relative_path()) there = there.parent_path();
  struct statvfs status = {};
  if (::statvfs(there.c_str(), &status) != 0) return std::nullopt;
  return static_cast<int64_t>(status.f_bavail) * static_cast<int64_t>(status.f_frsize);
}

namespace {

// Writing 5 sets the peak of the resident memory to the memory that is resident now (proc(5)).
bool reset_mark() {
  std::ofstream stream("/proc/self/clear_refs");
  stream << "5" << std::flush;
  return stream.good();
}

// Returns the entry `name` of /proc/self/status, in bytes.
int64_t status_entry(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    std::istringstream words(line);
    std::string word;
    int64_t kibibytes = 0;
    if (words >> word && word == name && words >> kibibytes) return kibibytes * 1024;
  }
  return 0;
}

}  // namespace

PeakMemory::PeakMemory() : exact_(reset_mark()) {}

int64_t PeakMemory::bytes() const { return status_entry("VmHWM:"); }

int64_t resident_memory() { return status_entry("VmRSS:"); }

}  // namespace mkdt
