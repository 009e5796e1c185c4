// What a run is, which of its stages are done, and what became of it.
#pragma once

#include <filesystem>
#include <vector>

#include "mkdt/report/report_data.h"
#include "mkdt/report/run_journal.h"
#include "mkdt/run/config.h"

namespace mkdt {

// A run in a few words: its data, its teacher, its student, its options.

// What its configuration and the files of its stages say.
Facts run_facts(const std::filesystem::path& folder, const Config& config);

// Every option with its value as TOML, by section.
std::vector<ReportedOptions> reported_options(const Config& config);

// The metadata of the distilled set, the configuration aside.
Facts run_provenance_facts(const std::filesystem::path& folder);

// Which of a run's stages are done, and what became of it.

// The stages that the comparison needs, and others that are done; without a configuration (null)
// the latter alone. By their manifests: whether one is out of date is not asked.
std::vector<ReportedStage> reported_stages(const std::filesystem::path& folder,
                                           const Config* config);

// Fills in `state` and `message` of a run whose stages are known, and which of these is running or
// has failed: by the lock, then by how the journal ends, then by what is done.
void find_state(ReportedRun& run, const std::filesystem::path& folder, const RunJournal& journal);

}  // namespace mkdt
