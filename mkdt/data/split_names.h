// The names by which people call the splits of a data set.
#pragma once

#include <optional>
#include <string>
#include <vector>

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

}  // namespace mkdt
