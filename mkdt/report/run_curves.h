// The curves of a run, from its metrics.jsonl.
#pragma once

#include <filesystem>
#include <vector>

#include "mkdt/report/report_data.h"

namespace mkdt {

// In the order of the method's stages; each thinned to at most a thousand points, evenly spaced,
// after the running mean over a fiftieth of them was taken. Where a step stands twice the later
// point counts. Without those of the comparison's pre-trainings. None for an absent file; Error if
// it cannot be read.
std::vector<ReportedCurve> read_run_curves(const std::filesystem::path& path);

}  // namespace mkdt
