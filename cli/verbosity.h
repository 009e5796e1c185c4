// How much the program says: --quiet and --log-level.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace mkdt::cli {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct Verbosity {
  LogLevel level = LogLevel::kInfo;  // what is less important is not said
  bool quiet = false;                // no tables at the end; and nothing below a warning

  bool says(LogLevel message) const;
};

// To the program and to each of its subcommands, those of subcommands too: the options may stand
// anywhere. Call it when all have been added.
void add_verbosity_options(CLI::App& app);

// What was asked for, once the arguments are parsed.
const Verbosity& verbosity();

}  // namespace mkdt::cli
