// Seconds for people.
#pragma once

#include <string>

namespace mkdt {

// "47 s", "3 min 09 s", "2 h 05 min"; less than nothing is "0 s".
std::string duration_text(double seconds);

}  // namespace mkdt
