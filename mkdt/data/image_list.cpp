#include "mkdt/data/image_list.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <sstream>
#include <system_error>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/regular_file.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr const char* kAnnotations = "val_annotations.txt";
constexpr uint64_t kMaxAnnotations = uint64_t{256} << 20;  // bytes
constexpr size_t kMaxFiles = 50'000'000;                   // three times ImageNet-21k

bool is_hidden(const fs::path& path) { return path.filename().string().front() == '.'; }

bool is_image_name(const fs::path& path) {
  std::string ending = path.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending == ".jpg" || ending == ".jpeg" || ending == ".png";
}

struct Contents {
  std::vector<fs::path> folders;  // sorted by name
  std::vector<fs::path> images;   // sorted by name
};

Contents list_folder(const fs::path& folder) {
  Contents contents;
  try {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (is_hidden(entry.path())) continue;
      if (entry.is_directory()) {
        contents.folders.push_back(entry.path());
      } else if (is_image_name(entry.path()) && entry.is_regular_file()) {
        contents.images.push_back(entry.path());
      }
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(fmt::format("{}: cannot list: {}", folder.string(), error.code().message()));
  }
  std::sort(contents.folders.begin(), contents.folders.end());
  std::sort(contents.images.begin(), contents.images.end());
  return contents;
}

// All images in `folder` and below it.
void collect(const fs::path& folder, int depth, std::vector<fs::path>& files) {
  constexpr int kMaxDepth = 16;  // links can make circles
  if (depth > kMaxDepth) {
    throw Error(fmt::format("{}: more than {} folders deep", folder.string(), kMaxDepth));
  }
  const Contents contents = list_folder(folder);
  files.insert(files.end(), contents.images.begin(), contents.images.end());
  if (files.size() > kMaxFiles) {
    throw Error(fmt::format("{}: more than {} images", folder.string(), kMaxFiles));
  }
  for (const fs::path& inner : contents.folders) collect(inner, depth + 1, files);
}

std::vector<fs::path> all_images(const fs::path& folder) {
  std::vector<fs::path> files;
  collect(folder, 0, files);
  if (files.empty()) {
    throw Error(fmt::format("{}: no images (.jpg, .jpeg, .png) in it", folder.string()));
  }
  return files;
}

// Lines of a file name, a tabulator, the class, and more; the files lie in images/.
ImageList list_annotated(const fs::path& folder) {
  const fs::path annotations = folder / kAnnotations;
  std::map<std::string, std::string> class_of;
  std::istringstream lines(read_regular_file(annotations, kMaxAnnotations));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream columns(line);
    std::string file;
    std::string name;
    if (columns >> file >> name) class_of[file] = name;
  }
  ImageList list;
  std::map<std::string, int64_t> index;
  for (const auto& [file, name] : class_of) index[name] = 0;
  for (auto& [name, number] : index) {
    number = static_cast<int64_t>(list.class_names.size());
    list.class_names.push_back(name);
  }
  list.files = all_images(folder / "images");
  for (const fs::path& file : list.files) {
    const auto found = class_of.find(file.filename().string());
    if (found == class_of.end()) {
      throw Error(
          fmt::format("{}: no class for {}", annotations.string(), file.filename().string()));
    }
    list.labels.push_back(index[found->second]);
  }
  return list;
}

ImageList list_split(const fs::path& folder) {
  if (fs::exists(folder / kAnnotations)) return list_annotated(folder);
  const Contents contents = list_folder(folder);
  ImageList list;
  if (contents.folders.size() < 2) {
    list.files = all_images(folder);
    return list;
  }
  if (!contents.images.empty()) {
    throw Error(fmt::format("{}: an image beside class folders; expected either",
                            contents.images.front().string()));
  }
  for (const fs::path& class_folder : contents.folders) {
    const auto label = static_cast<int64_t>(list.class_names.size());
    const std::vector<fs::path> files = all_images(class_folder);
    list.class_names.push_back(class_folder.filename().string());
    list.files.insert(list.files.end(), files.begin(), files.end());
    list.labels.insert(list.labels.end(), files.size(), label);
  }
  return list;
}

void check_same_classes(const fs::path& root, const ImageList& train, const ImageList& test,
                        const std::string& split) {
  if (train.class_names == test.class_names) return;
  const auto report = [&](const ImageList& one, const ImageList& other, const std::string& has,
                          const std::string& lacks) {
    for (const std::string& name : one.class_names) {
      const auto& names = other.class_names;
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        throw Error(fmt::format("{}: class '{}' is in {}/ but not in {}/", root.string(), name, has,
                                lacks));
      }
    }
  };
  report(train, test, "train", split);
  report(test, train, split, "train");
}

// Folders beside train/ that are no split hint at a misspelt name, or at a class called "train".
void check_split_names(const fs::path& root) {
  for (const fs::path& folder : list_folder(root).folders) {
    const std::string name = folder.filename().string();
    if (name != "train" && name != "test" && name != "val") {
      throw Error(fmt::format("{}: beside train/ only test/ and val/ are expected, not '{}'",
                              root.string(), name));
    }
  }
}

}  // namespace

ImageListSplits list_images(const fs::path& root) {
  const bool has_train = fs::is_directory(root / "train");
  if (!has_train) {
    for (const char* split : {"test", "val"}) {
      if (fs::is_directory(root / split)) {
        throw Error(fmt::format("{}: {}/ without train/", root.string(), split));
      }
    }
    return {list_split(root), {}};
  }
  check_split_names(root);
  ImageListSplits splits{list_split(root / "train"), {}};
  for (const char* split : {"test", "val"}) {
    if (!fs::is_directory(root / split)) continue;
    ImageList test = list_split(root / split);
    // A competition's test/ has no labels; its val/ has.
    const bool val_instead = std::string(split) == "test" && splits.train.labelled() &&
                             !test.labelled() && fs::is_directory(root / "val");
    if (val_instead) continue;
    check_same_classes(root, splits.train, test, split);
    splits.test = std::move(test);
    break;
  }
  return splits;
}

}  // namespace mkdt
