// Amounts of memory for people.
#pragma once

#include <cstdint>
#include <string>

namespace mkdt {

// "812 bytes", "4 kB", "312 MB", "9.3 GB", "1.2 TB": powers of 1000.
std::string byte_text(int64_t bytes);

}  // namespace mkdt
