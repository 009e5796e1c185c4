// Names that look alike but are other bytes.
#pragma once

#include <string>

namespace mkdt {

// Whether two names in UTF-8 seem to differ only in whether marks are composed with their letters
// ("é": one character, NFC) or follow them ("e" and an accent: NFD, as macOS writes it). Letter for
// letter, without tables: where one has a letter and marks, the other has one character beyond
// ASCII.
bool differ_in_composition(const std::string& a, const std::string& b);

}  // namespace mkdt
