// Where the splits of a data set lie in the folder that was named, and how people call them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkdt/data/folder_tree.h"

namespace mkdt {

enum class SplitKind { kTrain, kTest, kVal };

// Which folders of a set hold its splits. Names count without regard to case: train, training;
// test, testing; val, valid, validation, dev, eval; also with "set", "data", "images" or a year
// (training_set, train2017). Of names with other parts, those count that differ in the split
// alone: seg_train and seg_test.
struct SplitFolders {
  std::vector<std::string> train, test, val, others;

  // Whether there is a folder of training images, so that the folders are splits.
  bool any() const { return !train.empty(); }
};
SplitFolders find_splits(const std::vector<std::string>& folders);

// Whether a folder that is none of them looks as if it were meant for one: a split's name with
// something around it, or with letters out of order.
bool looks_like_split(const std::string& name);

// Whether it can hardly be anything else: "test", "Training", "validation"; not "valid" or "dev",
// which may be classes.
bool is_split_name(const std::string& name);

// Where the data set lies in the folder that was named: people name one too high.

// The splits among the folders of `folder`; those without images count for nothing.
SplitFolders splits_in(const FolderTree& folder);

// `root` itself, or the one folder below it, at most three deep, that holds everything: splits, or
// folders of classes. Where it is not `root`, a note says so. Error naming the places where there
// are several sets with splits of their own, or other images beside such a set.
const FolderTree& find_data_set(const FolderTree& root, std::vector<Note>& notes);

}  // namespace mkdt
