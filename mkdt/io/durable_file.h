// Files that survive a crash: written whole or not at all, kept in two versions, or grown line by
// line.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>

namespace mkdt {

// Files and folders that are really on the disk.

// fsync of a file, or of a folder with its names. Error naming it if that fails.
void sync_file(const std::filesystem::path& path);
void sync_folder(const std::filesystem::path& path);

// Files that are either whole or not there: temporary name, sync, rename, sync of the folder.

// Writes `path` through `write`, which gets a binary stream. On any failure (of `write`, of the
// disk) the temporary file is removed, what was at `path` before stays, unless the folder alone
// cannot be synced after the rename, and Error names the path
// and the reason. Creates missing parent folders.
void write_file_atomically(const std::filesystem::path& path,
                           const std::function<void(std::ostream&)>& write);

void write_text_atomically(const std::filesystem::path& path, const std::string& text);

// The same promise for libraries that insist on opening the file themselves: `write` is given
// the temporary path.
void write_path_atomically(const std::filesystem::path& path,
                           const std::function<void(const std::filesystem::path&)>& write);

// Missing parents too, each synced into the folder that it is in. Error if it cannot be.
void create_folder(const std::filesystem::path& folder);

// The temporary files that killed processes left in `folder`, and below if it says so; nobody else
// may be writing there.
void remove_temporaries(const std::filesystem::path& folder, bool and_below);

// The whole file as a string; Error if it cannot be read, is no regular file, or has over 1 GiB.
std::string read_text(const std::filesystem::path& path);

// A text file that grows by lines, over several runs of the program.

class AppendFile {
 public:
  // Opens or creates the file; what a killed process left of a last line is cut off. Error naming
  // the file if it cannot be written.
  explicit AppendFile(std::filesystem::path path);
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  ~AppendFile();

  // Adds the line and its end. Error naming the file if it cannot be written as a whole.
  void add_line(const std::string& line);

 private:
  std::filesystem::path path_;
  int descriptor_;
};

// A file that is written again and again, and the version before its newest one.

// NAME.previous.EXTENSION beside NAME.EXTENSION.
std::filesystem::path previous_of(const std::filesystem::path& path);

// `write` puts the next version, whole and on the disk, to the path that it is given. Then what is
// at `path` becomes the previous version, and the next one takes its place: whatever happens, there
// is a whole version under one of the two names if there was one before.
void write_next_version(const std::filesystem::path& path,
                        const std::function<void(const std::filesystem::path& next)>& write);

}  // namespace mkdt
