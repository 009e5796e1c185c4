// Locks a run folder, so that it has one writer.
#pragma once

#include <filesystem>

#include "mkdt/base/observer.h"

namespace mkdt {

inline constexpr const char* kLockFile = "lock.json";  // in a run folder

// Holds FOLDER/lock.json, which names host and process, while the object lives, and removes it at
// its end. The lock is the system's on that file (flock), so it ends with the process that has it,
// however that ends: a file that is left behind is recognised as stale, reported, and taken over.
// Where the file system knows no such locks, the file alone counts: it is stale if its process is
// no longer alive on this host.
class RunLock {
 public:
  // Creates the folder. Throws Error naming host and process if another one works in it, or the
  // system's reason where the lock cannot be had at all.
  RunLock(const std::filesystem::path& folder, Observer& observer);
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;
  ~RunLock();

 private:
  bool acquire(Observer& observer);

  std::filesystem::path path_;
  int descriptor_ = -1;
};

// Tells whether a process seems to work in the folder. A lock of this host counts if its process is
// alive; one of another host always counts. Changes nothing, so it does not disturb a process that
// is about to begin.
bool is_locked(const std::filesystem::path& folder);

}  // namespace mkdt
