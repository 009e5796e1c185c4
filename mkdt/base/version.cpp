#include "mkdt/base/version.h"

namespace mkdt {

std::string version() { return MKDT_VERSION; }

}  // namespace mkdt
