#include "mkdt/data/data_set_place.h"

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/data/some_names.h"

namespace mkdt {
namespace {

constexpr int kDeepest = 3;

bool has_splits(const FolderTree& folder) { return splits_in(folder).any(); }

// A folder below that looks like a whole set has both kinds of split: a class could be called
// "train".
bool is_set(const FolderTree& folder) {
  const SplitFolders splits = splits_in(folder);
  return splits.any() && (!splits.test.empty() || !splits.val.empty());
}

void collect_sets(const FolderTree& folder, int depth, std::vector<const FolderTree*>& sets) {
  for (const FolderTree& inner : folder.folders) {
    if (is_set(inner)) {
      sets.push_back(&inner);
    } else if (depth < kDeepest) {
      collect_sets(inner, depth + 1, sets);
    }
  }
}

std::vector<std::string> paths_of(const std::vector<const FolderTree*>& sets) {
  std::vector<std::string> paths;
  for (const FolderTree* set : sets) paths.push_back(set->path.string());
  return paths;
}

std::vector<const FolderTree*> with_images(const FolderTree& folder) {
  std::vector<const FolderTree*> filled;
  for (const FolderTree& inner : folder.folders) {
    if (inner.image_count() > 0) filled.push_back(&inner);
  }
  return filled;
}

// Down through folders that hold nothing but one folder, as far as classes or a split.
const FolderTree& below_single_folders(const FolderTree& root) {
  const FolderTree* folder = &root;
  for (int depth = 0; depth < kDeepest && !has_splits(*folder); ++depth) {
    const auto filled = with_images(*folder);
    if (!folder->images.empty() || filled.size() != 1) break;
    folder = filled.front();
  }
  return has_splits(*folder) || (folder->images.empty() && with_images(*folder).size() > 1)
             ? *folder
             : root;
}

}  // namespace

SplitFolders splits_in(const FolderTree& folder) {
  std::vector<std::string> names;
  for (const FolderTree* inner : with_images(folder)) names.push_back(inner->name());
  return find_splits(names);
}

const FolderTree& find_data_set(const FolderTree& root, std::vector<Note>& notes) {
  if (has_splits(root)) return root;
  std::vector<const FolderTree*> sets;
  collect_sets(root, 1, sets);
  if (sets.size() > 1) {
    throw Error(
        fmt::format("{}: {} data sets with splits of their own are in it: {}; name one of them",
                    root.path.string(), sets.size(), some_names(paths_of(sets))));
  }
  if (sets.size() == 1 && sets.front()->image_count() != root.image_count()) {
    throw Error(
        fmt::format("{}: the data set seems to be '{}', which has training and test images; name "
                    "that folder, or move the other images out of this one",
                    root.path.string(), sets.front()->path.string()));
  }
  const FolderTree& found = sets.empty() ? below_single_folders(root) : *sets.front();
  if (&found != &root) {
    notes.push_back({fmt::format("{}: the data set is further down: '{}' is read",
                                 root.path.string(), found.path.string())});
  }
  return found;
}

}  // namespace mkdt
