// Writes a study's results to RUN/study/NAME/.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkdt/publish/table.h"

namespace mkdt {

std::filesystem::path study_folder(const std::filesystem::path& run_folder,
                                   const std::string& study);

// Writes NAME.md: `context`, a line each, which says what was measured, and the tables.
void write_study(const std::filesystem::path& folder, const std::string& study,
                 const std::vector<std::string>& context, const std::vector<Table>& tables);

}  // namespace mkdt
