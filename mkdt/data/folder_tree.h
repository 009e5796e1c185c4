// A folder of images and all that is below it, by names: nothing is decoded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mkdt/data/passed_over.h"

namespace mkdt {

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
