// Finds the splits of a data set in the folder that was named, by the names that people give them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkdt/data/folder_tree.h"

namespace mkdt {

enum class SplitKind { kTrain, kTest, kVal };

// The folders of a set that hold its splits. Names count without regard to case: train, training;
// test, testing; val, valid, validation, dev, eval; also with "set", "data", "images" or a year
// (training_set, train2017). Among names with other parts, those count that differ in the split
// alone: seg_train and seg_test.
struct SplitFolders {
  std::vector<std::string> train, test, val, others;

  // Tells whether there is a folder of training images, so that the folders are splits.
  bool any() const { return !train.empty(); }
};
SplitFolders find_splits(const std::vector<std::string>& folders);

// Tells whether a folder that is none of them looks as if it were meant for one: it has a split's
// name with something around it, or with letters out of order.
bool looks_like_split(const std::string& name);

// Tells whether a name can hardly mean anything but a split: "test", "Training", "validation"; not
// "valid" or "dev", which may be classes.
bool is_split_name(const std::string& name);

// Returns the splits among the folders of `folder`; those without images count for nothing.
SplitFolders splits_in(const FolderTree& folder);

// Returns where the data set lies, since people may name a folder too high: `root` itself, or the
// one folder below it, at most three deep, that holds everything: splits, or folders of classes.
// Where it is not `root`, a note says so. Throws Error naming the places where there are several
// sets with splits of their own, or other images beside such a set.
const FolderTree& find_data_set(const FolderTree& root, std::vector<Note>& notes);

}  // namespace mkdt
