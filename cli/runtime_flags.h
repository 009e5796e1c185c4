// Adds --device and --threads to the commands that take no configuration.
#pragma once

#include "mkdt/run/config.h"

namespace CLI {
class App;
}

namespace mkdt::cli {

void add_runtime_flags(CLI::App& command, RuntimeOptions& runtime);

}  // namespace mkdt::cli
