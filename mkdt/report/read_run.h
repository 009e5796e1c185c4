// Reads what a report shows of a run folder.
#pragma once

#include <filesystem>

#include "mkdt/report/report_data.h"

namespace mkdt {

// Reads a folder in whatever state it is: the run may be in progress, interrupted, failed, or not
// begun. The report lacks the parts whose files are missing; its notes name what cannot be read.
// The data set is not needed. Throws Error if `folder` is no folder.
ReportedRun read_run(const std::filesystem::path& folder);

}  // namespace mkdt
