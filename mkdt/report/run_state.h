// Finds out what a run is, which of its stages are done, and what became of it.
#pragma once

#include <filesystem>
#include <vector>

#include "mkdt/report/report_data.h"
#include "mkdt/report/run_journal.h"
#include "mkdt/run/config.h"

namespace mkdt {

// Describes the run's data, teacher, student and options, by its configuration and the files of its
// stages.
Facts run_facts(const std::filesystem::path& folder, const Config& config);

// Returns every option with its value as TOML, by section.
std::vector<ReportedOptions> reported_options(const Config& config);

// Returns the metadata of the distilled set, the configuration aside.
Facts run_provenance_facts(const std::filesystem::path& folder);

// Returns the stages that the comparison needs, and others that are done; without a configuration
// (null) only those that are done. Whether a stage is done is judged by its manifest, which may be
// out of date.
std::vector<ReportedStage> reported_stages(const std::filesystem::path& folder,
                                           const Config* config);

// Fills in `state` and `message` of a run whose stages are known, and marks which of these is
// running or has failed: by the lock, then by how the journal ends, then by what is done.
void find_state(ReportedRun& run, const std::filesystem::path& folder, const RunJournal& journal);

}  // namespace mkdt
