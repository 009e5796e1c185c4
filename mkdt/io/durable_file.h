// Writes files that survive a crash: whole or not at all, kept in two versions, or grown line by
// line.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>

namespace mkdt {

// Brings a file, or a folder with its names, to the disk (fsync). Throws Error naming it if that
// fails.
void sync_file(const std::filesystem::path& path);
void sync_folder(const std::filesystem::path& path);

// Writes `path` through `write`, which gets a binary stream, so that the file is either whole or
// not there: under a temporary name, synced, renamed, and the folder synced. On any failure (of
// `write`, of the disk) the temporary file is removed and Error names the path and the reason; the
// file that was at `path` before stays, unless the folder alone cannot be synced after the rename.
// Creates missing parent folders.
void write_file_atomically(const std::filesystem::path& path,
                           const std::function<void(std::ostream&)>& write);

void write_text_atomically(const std::filesystem::path& path, const std::string& text);

// Makes the same promise for libraries that insist on opening the file themselves: `write` is given
// the temporary path.
void write_path_atomically(const std::filesystem::path& path,
                           const std::function<void(const std::filesystem::path&)>& write);

// Creates a folder and its missing parents, each synced into the folder that it is in. Throws Error
// if it cannot.
void create_folder(const std::filesystem::path& folder);

// Removes the temporary files that killed processes left in `folder`, and with `and_below` those
// below it; nobody else may be writing there.
void remove_temporaries(const std::filesystem::path& folder, bool and_below);

// Returns the whole file as a string. Throws Error if it cannot be read, is no regular file, or has
// over 1 GiB.
std::string read_text(const std::filesystem::path& path);

// A text file that grows by lines, over several runs of the program.
class AppendFile {
 public:
  // Opens or creates the file, and cuts off half a last line that a killed process left. Throws
  // Error naming the file if it cannot be written.
  explicit AppendFile(std::filesystem::path path);
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  ~AppendFile();

  // Adds the line and its end. Throws Error naming the file if it cannot be written as a whole.
  void add_line(const std::string& line);

 private:
  std::filesystem::path path_;
  int descriptor_;
};

// Returns the path of the version before the newest one: NAME.previous.EXTENSION beside
// NAME.EXTENSION.
std::filesystem::path previous_of(const std::filesystem::path& path);

// Writes a new version of a file and keeps the one before. `write` puts the next version, whole and
// on the disk, to the path that it is given. Then the file at `path` becomes the previous version,
// and the next one takes its place: whatever happens, there is a whole version under one of the two
// names if there was one before.
void write_next_version(const std::filesystem::path& path,
                        const std::function<void(const std::filesystem::path& next)>& write);

}  // namespace mkdt
