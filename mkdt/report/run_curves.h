// Reads the curves of a run from its metrics.jsonl.
#pragma once

#include <filesystem>
#include <vector>

#include "mkdt/report/report_data.h"

namespace mkdt {

// Returns the curves in the order of the method's stages, without those of the comparison's
// pre-trainings. Each is thinned to at most a thousand points, evenly spaced, after the running
// mean over a fiftieth of them was taken. Where a step stands twice the later point counts. An
// absent file has no curves. Throws Error if the file cannot be read.
std::vector<ReportedCurve> read_run_curves(const std::filesystem::path& path);

}  // namespace mkdt
