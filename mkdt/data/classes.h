// One list of classes for both splits of an image folder, and names that look alike but differ.
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

// Names that look alike but are other bytes.

// Whether two names in UTF-8 seem to differ only in whether marks are composed with their letters
// ("é": one character, NFC) or follow them ("e" and an accent: NFD, as macOS writes it). Letter for
// letter, without tables: where one has a letter and marks, the other has one character beyond
// ASCII.
bool differ_in_composition(const std::string& a, const std::string& b);

}  // namespace mkdt
