// Names that a file gives for other files.
#pragma once

#include <string>

namespace mkdt {

// Whether `name` means something below the folder that it is appended to: it is relative and has
// no "..", and no zero byte at which the system would cut it off. Links are not looked at.
bool stays_inside(const std::string& name);

}  // namespace mkdt
