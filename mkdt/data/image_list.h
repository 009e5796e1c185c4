// The images of a folder, found but not read: which files, in which order, of which class.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mkdt {

struct ImageList {
  std::vector<std::filesystem::path> files;
  std::vector<int64_t> labels;           // one a file, or empty if unlabelled
  std::vector<std::string> class_names;  // empty if unlabelled

  bool labelled() const { return !class_names.empty(); }
};

struct ImageListSplits {
  ImageList train;
  ImageList test;  // empty files if there is none
};

// Below `root`: train/ and test/ (or val/), or one split without them. A split has a folder a
// class, sorted by name, or images only: unlabelled. A single folder is no class: unlabelled too.
// Files are sorted by path within a class, and may lie deeper. Hidden files and names that do
// not end with .jpg, .jpeg or .png are passed over. The val/ of Tiny ImageNet has its classes in
// val_annotations.txt. Throws Error naming the folder or file. Bounds: 16 folders deep, so that
// links cannot lead in circles, 50 million images, 256 MiB of annotations.
ImageListSplits list_images(const std::filesystem::path& root);

}  // namespace mkdt
