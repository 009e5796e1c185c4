// Which of a run's stages are done, and what became of it.
#pragma once

#include <filesystem>
#include <vector>

#include "mkdt/page/report_data.h"
#include "mkdt/page/run_journal.h"
#include "mkdt/pipeline/config.h"

namespace mkdt {

// The stages that the comparison needs, and others that are done; without a configuration (null)
// the latter alone. By their manifests: whether one is out of date is not asked.
std::vector<ReportedStage> reported_stages(const std::filesystem::path& folder,
                                           const Config* config);

// Fills in `state` and `message` of a run whose stages are known, and which of these is running or
// has failed: by the lock, then by how the journal ends, then by what is done.
void find_state(ReportedRun& run, const std::filesystem::path& folder, const RunJournal& journal);

}  // namespace mkdt
