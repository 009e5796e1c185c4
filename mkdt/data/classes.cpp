#include "mkdt/data/classes.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/text.h"
#include "mkdt/data/folder_tree.h"

namespace mkdt {
namespace {

using Names = std::vector<std::string>;

// Returns those of `names` that `others` lack; both are sorted.
Names missing_in(const Names& others, const Names& names) {
  Names missing;
  std::set_difference(names.begin(), names.end(), others.begin(), others.end(),
                      std::back_inserter(missing));
  return missing;
}

// Says "class 'a' is in train/ but not in test/".
std::string difference(const Names& missing, const std::string& has, const std::string& lacks) {
  return fmt::format("class{} {} {} in {}/ but not in {}/", missing.size() == 1 ? "" : "es",
                     some_names(missing), missing.size() == 1 ? "is" : "are", has, lacks);
}

// Says which of the names look the same to people.
std::string hint(const Names& in_train, const Names& in_test) {
  for (const std::string& a : in_train) {
    for (const std::string& b : in_test) {
      if (!differ_in_composition(a, b)) continue;
      return fmt::format(
          "; the two names '{}' look alike, but one has accents as characters of their own "
          "(Unicode "
          "NFD, as macOS writes it), the other has not (NFC): rename one folder",
          a);
    }
  }
  return "";
}

// Keeps those test images whose classes the training split has.
ImageList of_classes(const Names& classes, const ImageList& list) {
  ImageList kept{{}, {}, classes};
  for (size_t i = 0; i < list.files.size(); ++i) {
    const std::string& name = list.class_names[static_cast<size_t>(list.labels[i])];
    const auto found = std::lower_bound(classes.begin(), classes.end(), name);
    if (found == classes.end() || *found != name) continue;
    kept.files.push_back(list.files[i]);
    kept.labels.push_back(found - classes.begin());
  }
  return kept;
}

void keep_classes_of_train(const SplitPlace& place, ImageListSplits& splits) {
  const size_t before = splits.test.files.size();
  splits.test = of_classes(splits.train.class_names, splits.test);
  const size_t left_out = before - splits.test.files.size();
  if (left_out > 0) {
    splits.notes.push_back(
        {fmt::format("{}: {} of {} images in {}/ are not read: their classes are "
                     "not in {}/",
                     place.set.string(), left_out, before, place.test, place.train)});
  }
  if (splits.test.files.empty()) splits.test = {};
}

}  // namespace

void match_classes(const SplitPlace& place, bool classes_of_train, ImageListSplits& splits) {
  const Names& train = splits.train.class_names;
  const Names& test = splits.test.class_names;
  if (train == test) return;
  if (train.empty()) {
    splits.notes.push_back({fmt::format("{}: the classes in {}/ are not used: {}/ has none",
                                        place.set.string(), place.test, place.train),
                            /*warning=*/true});
    splits.test.class_names.clear();
    splits.test.labels.clear();
    return;
  }
  const Names only_train = missing_in(test, train);
  const Names only_test = missing_in(train, test);
  std::string text;
  if (!only_train.empty()) text = difference(only_train, place.train, place.test);
  if (!only_test.empty()) {
    text += (text.empty() ? "" : ", ") + difference(only_test, place.test, place.train);
  }
  text = fmt::format("{}: {}{}", place.set.string(), text, hint(only_train, only_test));
  if (!classes_of_train) {
    throw Error(text + "; data.classes = 'train' keeps the classes of the training images");
  }
  splits.notes.push_back({text, /*warning=*/true});
  keep_classes_of_train(place, splits);
}

bool differ_in_composition(const std::string& a, const std::string& b) {
  return a != b && composed(a) == composed(b);
}

}  // namespace mkdt
