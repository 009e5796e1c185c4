// Gives both splits of an image folder one list of classes, and finds names that look alike but
// differ.
#pragma once

#include <filesystem>
#include <string>

#include "mkdt/data/image_list.h"

namespace mkdt {

struct SplitPlace {
  std::filesystem::path set;
  std::string train, test;  // the folders' names
};

// Does nothing where train and test have the same classes, or neither has any. A labelled test
// split beside an unlabelled training split loses its labels. Where one split lacks classes of the
// other, `classes_of_train` leaves out test images of classes that the training split does not
// have; without it, Error names the classes. A note says what was done.
void match_classes(const SplitPlace& place, bool classes_of_train, ImageListSplits& splits);

// Tells whether two names in UTF-8 differ only in whether marks are composed with their letters
// ("é": one character, NFC) or follow them ("e" and an accent: NFD, as macOS writes it), so that
// people take them for one.
bool differ_in_composition(const std::string& a, const std::string& b);

}  // namespace mkdt
