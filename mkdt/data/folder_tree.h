// A folder of images and all that is below it, by names, with what was passed over. Nothing is
// decoded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "mkdt/base/observer.h"

namespace mkdt {

// What a reader found worth saying, for whoever asked it to read.

struct Note {
  std::string text;
  bool warning = false;  // whether it may be a mistake
};

inline void say(const std::vector<Note>& notes, Observer& observer) {
  for (const Note& note : notes) {
    note.warning ? observer.warn(note.text) : observer.info(note.text);
  }
}

// A few names of many, for messages.

// The first `most` of the texts with `separator` between them, and how many are left out:
// "a, b and 3 more".
std::string some_of(const std::vector<std::string>& texts, size_t most,
                    const std::string& separator = ", ");

// The same of names in quotes: "'a', 'b' and 3 more".
std::string some_names(const std::vector<std::string>& names, size_t most = 5);

// What a reader of image folders did not read, counted by endings.

struct PassedOver {
  std::map<std::string, int64_t> files;        // by ending, in small letters; "" for none
  int64_t own_pictures = 0;                    // with mkdt's mark
  std::vector<std::filesystem::path> folders;  // that mkdt wrote, not looked into

  void add_file(const std::filesystem::path& path);
  // "300 files passed over: 150 .webp, 150 .bmp", and the like of what mkdt wrote; nothing if
  // there is nothing. A warning where there are pictures among them.
  std::vector<Note> notes(const std::filesystem::path& root) const;
};

// A folder of images and all that is below it, by names: nothing is decoded.

struct FolderTree {
  std::filesystem::path path;
  std::vector<std::filesystem::path> images;  // directly in it, sorted by name
  std::vector<FolderTree> folders;            // sorted by name

  std::string name() const { return path.filename().string(); }
  // Also below it.
  int64_t image_count() const;
  // Nothing if there is no such folder.
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

// Links are followed. Images are regular files whose names end with .jpg, .jpeg or .png. Not looked
// into, and not counted: what is hidden, what systems leave behind (Thumbs.db, __MACOSX, @eaDir,
// lost+found, …). Not looked into, but counted: what mkdt wrote. Throws Error naming the folder
// that cannot be listed, or `root` if mkdt wrote it. Bounds: 16 folders deep, so that links cannot
// lead in circles, 50 million images.
FolderScan scan_folder(const std::filesystem::path& root);

}  // namespace mkdt
