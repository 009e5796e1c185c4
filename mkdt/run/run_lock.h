// One run folder, one writer.
#pragma once

#include <filesystem>

#include "mkdt/base/observer.h"

namespace mkdt {

inline constexpr const char* kLockFile = "lock.json";  // in a run folder

// Holds FOLDER/lock.json, which names host and process, while it lives, and removes it at its end.
// The lock is the system's on that file (flock), so it ends with the process that has it, however
// that ends: a file that is left behind is recognised as stale, said, and taken over. Where the
// file system knows no such locks, the file alone counts: it is stale if its process is no longer
// alive on this host.
class RunLock {
 public:
  // Creates the folder. Error naming host and process if another one works in it, or the system's
  // reason where the lock cannot be had at all.
  RunLock(const std::filesystem::path& folder, Observer& observer);
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;
  ~RunLock();

 private:
  bool acquire(Observer& observer);

  std::filesystem::path path_;
  int descriptor_ = -1;
};

// Whether a process seems to work in the folder: of this host one that is alive, of another one any
// that has left a lock. Touches nothing, so it disturbs nobody who is about to begin.
bool is_locked(const std::filesystem::path& folder);

}  // namespace mkdt
