#include "mkdt/data/image_list.h"

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/data/classes.h"
#include "mkdt/data/folder_tree.h"
#include "mkdt/data/splits.h"
#include "mkdt/io/regular_file.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr const char* kAnnotations = "val_annotations.txt";
constexpr uint64_t kMaxAnnotations = uint64_t{256} << 20;  // bytes

// Collects all images in `folder` and below it.
void collect(const FolderTree& folder, std::vector<fs::path>& files) {
  files.insert(files.end(), folder.images.begin(), folder.images.end());
  for (const FolderTree& inner : folder.folders) collect(inner, files);
}

std::vector<fs::path> all_images(const FolderTree& folder) {
  std::vector<fs::path> files;
  collect(folder, files);
  if (files.empty()) {
    throw Error(fmt::format("{}: no images (.jpg, .jpeg, .png) in it", folder.path.string()));
  }
  return files;
}

// Reads lines of a file name, a tabulator, the class, and more; the files lie in images/.
ImageList list_annotated(const FolderTree& folder) {
  const fs::path annotations = folder.path / kAnnotations;
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
  const FolderTree* images = folder.folder("images");
  list.files = all_images(images != nullptr ? *images : folder);
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

ImageList list_classes(const FolderTree& folder) {
  ImageList list;
  if (!folder.images.empty()) {
    throw Error(fmt::format(
        "{}: an image beside class folders; expected either. data.labels = false takes the folders "
        "for no classes",
        folder.images.front().string()));
  }
  for (const FolderTree& class_folder : folder.folders) {
    const auto label = static_cast<int64_t>(list.class_names.size());
    const std::vector<fs::path> files = all_images(class_folder);
    list.class_names.push_back(class_folder.name());
    list.files.insert(list.files.end(), files.begin(), files.end());
    list.labels.insert(list.labels.end(), files.size(), label);
  }
  return list;
}

// Lists one set's splits as the options want them.
class Lister {
 public:
  Lister(const ListOptions& options, ImageListSplits& result)
      : options_(options), result_(result) {}

  void list(const FolderTree& set) {
    const SplitFolders splits = splits_in(set);
    if (!splits.any()) {
      check_no_lone_test(set, splits);
      result_.train = list_split(set, /*other=*/nullptr);
      if (result_.train.labelled()) warn_of_likely_splits(result_.train.class_names);
      return;
    }
    check_splits(set, splits);
    if (!set.images.empty()) {
      result_.notes.push_back(
          {fmt::format("{}: {} of the images are not read: they lie beside {}/", set.path.string(),
                       set.images.size(), splits.train.front()),
           /*warning=*/true});
    }
    const FolderTree& train = *set.folder(splits.train.front());
    std::vector<const FolderTree*> judges;
    for (const auto& names : {splits.test, splits.val}) {
      if (!names.empty()) judges.push_back(set.folder(names.front()));
    }
    result_.train = list_split(train, judges.empty() ? nullptr : judges.front());
    choose_test(set, train, judges);
  }

 private:
  bool is_annotated(const FolderTree& folder) const {
    return options_.labels && fs::exists(folder.path / kAnnotations);
  }

  // Tells whether a split has classes. A single folder is one if the other split has one of that
  // name.
  bool has_classes(const FolderTree& folder, const FolderTree* other) const {
    if (!options_.labels || folder.folders.empty()) return false;
    if (folder.folders.size() > 1) return true;
    return other != nullptr && other->folder(folder.folders.front().name()) != nullptr;
  }

  ImageList list_split(const FolderTree& folder, const FolderTree* other) {
    if (is_annotated(folder)) {
      result_.besides.push_back(folder.path / kAnnotations);
      return list_annotated(folder);
    }
    if (has_classes(folder, other)) return list_classes(folder);
    ImageList list;
    list.files = all_images(folder);
    return list;
  }

  // Takes test/ before val/; but a competition's test/ has no labels, while its val/ has.
  void choose_test(const FolderTree& set, const FolderTree& train,
                   const std::vector<const FolderTree*>& judges) {
    std::vector<std::string> unlabelled;
    for (const FolderTree* judge : judges) {
      const bool annotated = is_annotated(*judge);
      if (result_.train.labelled() && !annotated && !has_classes(*judge, &train)) {
        unlabelled.push_back(judge->name());
        continue;
      }
      if (!result_.test.files.empty()) {
        result_.notes.push_back(
            {fmt::format("{}: '{}' is not read: the test images are those of another split",
                         set.path.string(), judge->name())});
        break;
      }
      check_apart(train, *judge);
      result_.test = list_split(*judge, &train);
      match_classes({set.path, train.name(), judge->name()}, options_.classes_of_train, result_);
    }
    if (unlabelled.empty()) return;
    result_.notes.push_back(
        {fmt::format(
             "{}: {} not read: no class folders, but those of '{}' are classes{}",
             set.path.string(), some_names(unlabelled) + (unlabelled.size() == 1 ? " is" : " are"),
             train.name(),
             result_.test.files.empty() ? "; test images are held out of the training images" : ""),
         result_.test.files.empty()});
  }

  // Throws Error where a link makes one folder of two splits, or of a class in both.
  static void check_apart(const FolderTree& train, const FolderTree& judge) {
    std::error_code code;
    if (fs::equivalent(train.path, judge.path, code)) {
      throw Error(fmt::format("{} and {} are the same folder: test images would be trained on",
                              train.path.string(), judge.path.string()));
    }
    for (const FolderTree& inner : judge.folders) {
      const FolderTree* other = train.folder(inner.name());
      if (other != nullptr) check_apart(*other, inner);
    }
  }

  void warn_of_likely_splits(const std::vector<std::string>& classes) {
    std::vector<std::string> likely;
    std::copy_if(classes.begin(), classes.end(), std::back_inserter(likely), looks_like_split);
    if (likely.empty()) return;
    result_.notes.push_back(
        {fmt::format("the folder{} {} {} taken for class{}, not for splits of the data set; name "
                     "splits 'train', 'test' and 'val'",
                     likely.size() == 1 ? "" : "s", some_names(likely),
                     likely.size() == 1 ? "is" : "are", likely.size() == 1 ? "" : "es"),
         /*warning=*/true});
  }

  // Throws Error for "test" without train/. "valid" or "dev" may be classes; "test" is hardly one.
  static void check_no_lone_test(const FolderTree& set, const SplitFolders& splits) {
    for (const FolderTree& inner : set.folders) {
      const bool empty_train = inner.image_count() == 0 && find_splits({inner.name()}).any();
      if (empty_train) all_images(inner);  // throws Error where there are none
    }
    for (const auto& names : {splits.test, splits.val}) {
      for (const std::string& name : names) {
        if (!is_split_name(name)) continue;
        throw Error(fmt::format(
            "{}: {}/ without train/; name the folder of training images 'train', or, if '{}' is a "
            "class, put all classes into a folder 'train' of their own",
            set.path.string(), name, name));
      }
    }
  }

  // Warns of folders beside train/ that are no split: they hint at a misspelt name, or at a class
  // called "train".
  static void check_splits(const FolderTree& set, const SplitFolders& splits) {
    for (const auto& names : {splits.train, splits.test, splits.val}) {
      if (names.size() < 2) continue;
      throw Error(fmt::format("{}: several folders for one split: {}; keep one of them here",
                              set.path.string(), some_names(names)));
    }
    if (splits.others.empty()) return;
    throw Error(fmt::format(
        "{}: beside {}/ only test/ and val/ are expected, not {}; move it away or, if '{}' is a "
        "class, put all classes into a folder 'train' of their own",
        set.path.string(), splits.train.front(), some_names(splits.others), splits.train.front()));
  }

  const ListOptions& options_;
  ImageListSplits& result_;
};

void check_readable(const fs::path& root, const std::vector<UnreadableFile>& unreadable) {
  if (unreadable.empty()) return;
  std::vector<std::string> files;
  for (const UnreadableFile& file : unreadable) {
    files.push_back(fmt::format("{}: {}", file.path.string(), file.reason));
  }
  std::sort(files.begin(), files.end());
  throw Error(files.size() == 1 ? files.front()
                                : fmt::format("{}: {} files cannot be read: {}", root.string(),
                                              files.size(), some_of(files, 10, "; ")));
}

// Throws Error where there are no images. Folders without images are no classes where labels are
// not wanted, or where mkdt's own files were all that they had.
void check_images(const fs::path& root, const FolderScan& scan) {
  if (scan.tree.image_count() > 0) return;
  const std::vector<Note> notes = scan.passed_over.notes(root);
  std::string besides;
  for (const Note& note : notes) {
    besides += "; " + note.text.substr(std::min(note.text.size(), root.string().size() + 2));
  }
  throw Error(fmt::format("{}: no images (.jpg, .jpeg, .png) in it{}", root.string(), besides));
}

}  // namespace

ImageListSplits list_images(const fs::path& root, const ListOptions& options) {
  const FolderScan scan = scan_folder(root);
  check_readable(root, scan.unreadable);
  check_images(root, scan);
  ImageListSplits result;
  result.notes = scan.passed_over.notes(root);
  Lister(options, result).list(find_data_set(scan.tree, result.notes));
  return result;
}

std::vector<std::string> names_below(const fs::path& root, const std::vector<fs::path>& files) {
  const size_t begin = (root / "").string().size();
  std::vector<std::string> names;
  names.reserve(files.size());
  for (const fs::path& file : files) names.push_back(file.string().substr(begin));
  return names;
}

}  // namespace mkdt
