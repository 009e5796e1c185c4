// The version of the library, as in CMakeLists.txt.
#pragma once

#include <string>

namespace mkdt {

std::string version();

}  // namespace mkdt
