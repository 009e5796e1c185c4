// Finds the images of a folder without reading them: which files, in which order, of which class.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mkdt/data/folder_tree.h"

namespace mkdt {

struct ImageList {
  std::vector<std::filesystem::path> files;
  std::vector<int64_t> labels;           // one a file, or empty if unlabelled
  std::vector<std::string> class_names;  // empty if unlabelled

  bool labelled() const { return !class_names.empty(); }
};

struct ListOptions {
  bool labels = true;             // whether folders in a split are classes
  bool classes_of_train = false;  // test images of other classes are left out
};

struct ImageListSplits {
  ImageList train;
  ImageList test;                              // empty files if there is none
  std::vector<std::filesystem::path> besides;  // other files that were read: annotations
  std::vector<Note> notes;  // files passed over, and which folder was taken for which split
};

// Lists the images below `root`: train/ and test/ (or val/), by any of the names that data/splits.h
// knows, or one split without them. A split has a folder a class, sorted by name, or images only:
// unlabelled. A single folder is no class, but holds the set. Within a class, a folder's own files
// come first, sorted by name, then its folders. data/folder_tree.h says which files are passed
// over. The val/ of Tiny ImageNet has its classes in val_annotations.txt (at most 256 MiB). A test
// split without classes beside a labelled train/ is not read. Throws Error naming the folder or
// file.
ImageListSplits list_images(const std::filesystem::path& root, const ListOptions& options = {});

// Returns the files' paths below `root`, with slashes.
std::vector<std::string> names_below(const std::filesystem::path& root,
                                     const std::vector<std::filesystem::path>& files);

}  // namespace mkdt
