// A run in a few words: its data, its teacher, its student, its options.
#pragma once

#include <filesystem>
#include <vector>

#include "mkdt/page/report_data.h"
#include "mkdt/pipeline/config.h"

namespace mkdt {

// What its configuration and the files of its stages say.
Facts run_facts(const std::filesystem::path& folder, const Config& config);

// Every option with its value as TOML, by section.
std::vector<ReportedOptions> reported_options(const Config& config);

// The metadata of the distilled set, the configuration aside.
Facts run_provenance_facts(const std::filesystem::path& folder);

}  // namespace mkdt
