// The images of a folder, found but not read: which files, in which order, of which class.
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
  bool classes_of_train = false;  // the training split's alone, where the test split has others
};

struct ImageListSplits {
  ImageList train;
  ImageList test;                              // empty files if there is none
  std::vector<std::filesystem::path> besides;  // other files that were read: annotations
  std::vector<Note> notes;                     // what was passed over, and what was taken for what
};

// Below `root`: train/ and test/ (or val/), by any of the names that split_names.h knows, or one
// split without them. A split has a folder a class, sorted by name, or images only: unlabelled. A
// single folder is no class: what it holds is the set. Within a class, a folder's own files come
// first, sorted by name, then its folders. What is passed over: see folder_tree.h. The val/ of Tiny
// ImageNet has its classes in val_annotations.txt (at most 256 MiB). A test split without classes
// beside a labelled train/ is not read. Throws Error naming the folder or file.
ImageListSplits list_images(const std::filesystem::path& root, const ListOptions& options = {});

// The files' paths below `root`, with slashes.
std::vector<std::string> names_below(const std::filesystem::path& root,
                                     const std::vector<std::filesystem::path>& files);

}  // namespace mkdt
