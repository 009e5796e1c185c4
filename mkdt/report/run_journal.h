// What became of a run, and what went wrong on the way, by its log.jsonl.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkdt/report/report_data.h"

namespace mkdt {

struct RunJournal {
  std::string event;           // the last of run_log.h's; empty if there is none
  std::string message;         // of that line
  std::vector<LogLine> lines;  // the last warnings and errors
};

// Lines that are no journal's are left out; an absent file is an empty journal. Error if the file
// cannot be read.
RunJournal read_journal(const std::filesystem::path& path);

}  // namespace mkdt
