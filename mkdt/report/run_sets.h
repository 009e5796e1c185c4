// Reads the synthetic sets of a run, before and after their optimisation.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkdt/report/report_data.h"

namespace mkdt {

// Returns the distilled set and those of the baselines: as their stages left them, or, while a
// stage is not done, as they are at the moment (run/run_log.h). A set that cannot be read or shown
// is left out and named in `notes`.
std::vector<ReportedSet> read_run_sets(const std::filesystem::path& run_folder,
                                       std::vector<std::string>& notes);

}  // namespace mkdt
