// Reads from a run's log.jsonl what became of it, and what went wrong on the way.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkdt/report/report_data.h"

namespace mkdt {

struct RunJournal {
  std::string event;           // the last one (run/run_log.h); empty if there is none
  std::string message;         // of that line
  std::vector<LogLine> lines;  // the last warnings and errors
};

// Reads the file, leaving out lines that are no journal's; an absent file is an empty journal.
// Throws Error if the file cannot be read.
RunJournal read_journal(const std::filesystem::path& path);

}  // namespace mkdt
