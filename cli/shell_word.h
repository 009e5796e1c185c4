// Words as a shell reads them.
#pragma once

#include <string>

namespace mkdt::cli {

// The word, quoted where a shell would make something else of it.
std::string shell_word(const std::string& word);

}  // namespace mkdt::cli
