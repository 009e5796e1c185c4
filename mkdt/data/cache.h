// The folder of what is kept between runs to save time, and how files are recognised without
// reading them: by their names, sizes and times of modification.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mkdt {

struct FileStamps {
  std::string names;   // a checksum of the folder's path and the files' names, in their order
  std::string state;   // a checksum of their sizes and times of modification
  int64_t bytes = 0;   // of all files
  int64_t newest = 0;  // the latest of the times, in nanoseconds since 1970
};

// Throws Error naming a file of which the system says nothing.
FileStamps stamps_of(const std::filesystem::path& root,
                     const std::vector<std::filesystem::path>& files);

// Where decoded images and the like are kept between runs.
struct Cache {
  std::filesystem::path folder;  // empty: nowhere
  int64_t least_bytes = 0;       // of the files; what takes less is made again

  std::filesystem::path images() const { return folder / "images"; }  // image_store.h
  std::filesystem::path fingerprints() const { return folder / "fingerprints"; }

  // Tells whether to keep what is made of files. A file of the last two seconds may change once
  // more within the same tick of the clock, so that its time would not tell: nothing is kept of
  // such.
  bool keeps(const FileStamps& stamps) const;
};

// Returns what the option data.cache says: nowhere for "none"; for "auto" $XDG_CACHE_HOME/mkdt or
// ~/.cache/mkdt, from 64 MiB on, which take a second to decode; else the folder that it names.
Cache cache_of(const std::string& option);

// Removes what is kept. What a process has mapped stays until it ends. Throws Error naming what
// cannot be removed.
void clear(const Cache& cache);

}  // namespace mkdt
