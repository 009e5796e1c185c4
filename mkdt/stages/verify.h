// Checks whether the files of a run are those that were written.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkdt/base/observer.h"

namespace mkdt {

enum class FileState {
  kWhole,      // its checksum is the recorded one
  kDamaged,    // its checksum is another, or it cannot be read
  kMissing,    // a manifest names it, but it is not there
  kUnchecked,  // no checksum is recorded: logs, and files of stages that are not done
};

struct VerifiedFile {
  std::string path;  // relative to the run folder
  FileState state = FileState::kUnchecked;
};

// Returns every file of the folder and every one that a manifest names, by path: outputs are
// checked against their manifest, checkpoints and finished experts against the checksum inside; a
// manifest is damaged if it cannot be read. Reads them all; progress is in files. Throws Error if
// there is no finished stage and no checkpoint in the folder.
std::vector<VerifiedFile> verify_run(const std::filesystem::path& folder, Observer& observer);

}  // namespace mkdt
