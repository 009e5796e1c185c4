// One list of classes for both splits of an image folder.
#pragma once

#include <filesystem>
#include <string>

#include "mkdt/data/image_list.h"

namespace mkdt {

struct SplitPlace {
  std::filesystem::path set;
  std::string train, test;  // the folders' names
};

// Where train and test have the same classes, or neither has any, nothing happens. A labelled test
// split beside an unlabelled training split loses its labels. Of classes that one split lacks:
// with `classes_of_train`, test images of others than the training split's are left out; without
// it, Error naming them. What was done is noted.
void match_classes(const SplitPlace& place, bool classes_of_train, ImageListSplits& splits);

}  // namespace mkdt
