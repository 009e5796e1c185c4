// Scans a folder of images and all that is below it by names, and tells which files were passed
// over. Nothing is decoded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "mkdt/base/observer.h"

namespace mkdt {

// A remark of a reader for whoever asked it to read.
struct Note {
  std::string text;
  bool warning = false;  // whether it may be a mistake
};

inline void say(const std::vector<Note>& notes, Observer& observer) {
  for (const Note& note : notes) {
    note.warning ? observer.warn(note.text) : observer.info(note.text);
  }
}

// Joins the first `most` of the texts with `separator` between them and says how many are left out:
// "a, b and 3 more".
std::string some_of(const std::vector<std::string>& texts, size_t most,
                    const std::string& separator = ", ");

// Does so with the names in quotes: "'a', 'b' and 3 more".
std::string some_names(const std::vector<std::string>& names, size_t most = 5);

// The files that a reader of image folders did not read, counted by endings.
struct PassedOver {
  std::map<std::string, int64_t> files;        // by ending, in small letters; "" for none
  int64_t own_pictures = 0;                    // pictures with mkdt's mark
  std::vector<std::filesystem::path> folders;  // folders that mkdt wrote, not looked into

  void add_file(const std::filesystem::path& path);
  // Says "300 files passed over: 150 .webp, 150 .bmp", and how many files of mkdt's own; nothing if
  // there are none. It is a warning where there are pictures among them.
  std::vector<Note> notes(const std::filesystem::path& root) const;
};

// A folder and all that is below it.
struct FolderTree {
  std::filesystem::path path;
  std::vector<std::filesystem::path> images;  // directly in it, sorted by name
  std::vector<FolderTree> folders;            // sorted by name

  std::string name() const { return path.filename().string(); }
  // Counts the images in it and below it.
  int64_t image_count() const;
  // Returns the folder of that name; null if there is none.
  const FolderTree* folder(const std::string& name) const;
};

// A file that is named like an image and cannot be one, and why: links that lead nowhere, pipes.
struct UnreadableFile {
  std::filesystem::path path;
  std::string reason;
};

struct FolderScan {
  FolderTree tree;
  PassedOver passed_over;
  std::vector<UnreadableFile> unreadable;
};

// Scans a folder. Links are followed. Images are regular files whose names end with .jpg, .jpeg or
// .png. Files and folders that are hidden or that systems leave behind (Thumbs.db, __MACOSX,
// @eaDir, lost+found, …) are not looked into and not counted; what mkdt wrote is not looked into,
// but counted. Throws Error naming the folder that cannot be listed, or `root` if mkdt wrote it.
// Bounds: 16 folders deep, so that links cannot lead in circles, 50 million images.
FolderScan scan_folder(const std::filesystem::path& root);

}  // namespace mkdt
