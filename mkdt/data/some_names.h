// A few names of many, for messages.
#pragma once

#include <string>
#include <vector>

namespace mkdt {

// The first `most` of the texts with `separator` between them, and how many are left out:
// "a, b and 3 more".
std::string some_of(const std::vector<std::string>& texts, size_t most,
                    const std::string& separator = ", ");

// The same of names in quotes: "'a', 'b' and 3 more".
std::string some_names(const std::vector<std::string>& names, size_t most = 5);

}  // namespace mkdt
