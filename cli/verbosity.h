// Settles how much the program prints: --quiet and --log-level.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace mkdt::cli {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct Verbosity {
  LogLevel level = LogLevel::kInfo;  // less important messages are left out
  bool quiet = false;                // no tables at the end; and nothing below a warning

  bool says(LogLevel message) const;
};

// Adds the options to the program and to each of its subcommands, those of subcommands too: they
// may stand anywhere. Call it when all have been added.
void add_verbosity_options(CLI::App& app);

// Returns the choice, once the arguments are parsed.
const Verbosity& verbosity();

}  // namespace mkdt::cli
