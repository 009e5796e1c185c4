// A run folder as a report shows it.
#pragma once

#include <filesystem>

#include "mkdt/report/report_data.h"

namespace mkdt {

// Whatever state the folder is in: a run that is going on, was interrupted, has failed, or has not
// begun. Files that are missing are parts that the report does not have; what cannot be read is
// said in its notes. The data set is not needed. Error if `folder` is no folder.
ReportedRun read_run(const std::filesystem::path& folder);

}  // namespace mkdt
