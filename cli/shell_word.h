// Writes words as a shell reads them.
#pragma once

#include <string>

namespace mkdt::cli {

// Returns the word, quoted where a shell would read it otherwise.
std::string shell_word(const std::string& word);

}  // namespace mkdt::cli
