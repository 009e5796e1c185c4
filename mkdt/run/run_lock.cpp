#include "mkdt/run/run_lock.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <optional>
#include <string>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/json.h"
#include "mkdt/io/open_file.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

struct Owner {
  std::string host;
  int64_t pid = 0;

  std::string text() const { return fmt::format("process {} on {}", pid, host); }
};

Owner this_process() {
  char name[256] = "";
  ::gethostname(name, sizeof(name) - 1);
  return {name, ::getpid()};
}

// Returns nothing if the file does not name an owner, since its process was killed before it had
// written it.
std::optional<Owner> owner_of(const fs::path& path) {
  try {
    const Json json = Json::parse(read_text(path));
    return Owner{json.at("host").get<std::string>(), json_integer(json.at("pid"))};
  } catch (const Json::exception&) {
    return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool alive_here(const Owner& owner) {
  if (owner.pid <= 0 || owner.pid > std::numeric_limits<pid_t>::max()) return false;
  if (owner.host != this_process().host) return true;  // nobody here can tell whether it lives
  return ::kill(static_cast<pid_t>(owner.pid), 0) == 0 || errno != ESRCH;
}

bool knows_no_locks(int code) { return code == ENOLCK || code == EOPNOTSUPP || code == ENOSYS; }

[[noreturn]] void refuse_writing(const fs::path& path) {
  throw Error(fmt::format("{}: cannot write: {}", path.string(), std::strerror(errno)));
}

// Throws Error where the file system has locks, but gives none now: nobody knows whether another
// process works here.
[[noreturn]] void refuse_locking(const fs::path& path, int code) {
  throw Error(fmt::format("{}: cannot lock: {}; try again, or put the run folder on another disk",
                          path.string(), std::strerror(code)));
}

[[noreturn]] void refuse(const fs::path& path, const std::optional<Owner>& owner,
                         const std::string& remedy) {
  throw Error(fmt::format("{}: in use by {}; {}", path.parent_path().string(),
                          owner ? owner->text() : "another process", remedy));
}

}  // namespace

bool is_locked(const fs::path& folder) {
  const std::optional<Owner> owner = owner_of(folder / kLockFile);
  return owner && alive_here(*owner);
}

RunLock::RunLock(const fs::path& folder, Observer& observer) : path_(folder / kLockFile) {
  create_folder(folder);
  while (!acquire(observer)) {
  }
  const Owner owner = this_process();
  const std::string text = Json{{"host", owner.host}, {"pid", owner.pid}}.dump() + "\n";
  if (::ftruncate(descriptor_, 0) == 0 &&
      ::pwrite(descriptor_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size())) {
    return;
  }
  const int code = errno;
  ::unlink(path_.c_str());
  ::close(descriptor_);
  errno = code;
  refuse_writing(path_);
}

// Returns false, to try again, where the file was removed meanwhile or a signal came.
bool RunLock::acquire(Observer& observer) {
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) refuse_writing(path_);
  const std::optional<Owner> owner = owner_of(path_);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    ::close(descriptor_);
    if (code == EINTR) return false;
    if (code == EWOULDBLOCK) refuse(path_, owner, "wait for it, or stop it");
    if (!knows_no_locks(code)) refuse_locking(path_, code);
    if (owner && alive_here(*owner)) {
      refuse(path_, owner, fmt::format("if that is gone, delete '{}'", path_.string()));
    }
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor_ < 0) return false;
  }
  if (!is_at(descriptor_, path_)) {
    ::close(descriptor_);
    return false;
  }
  if (owner) {
    observer.warn(fmt::format("{}: {} left its lock behind and is gone; going on",
                              path_.parent_path().string(), owner->text()));
  }
  return true;
}

RunLock::~RunLock() {
  ::unlink(path_.c_str());  // while it is still locked
  ::close(descriptor_);
}

}  // namespace mkdt
