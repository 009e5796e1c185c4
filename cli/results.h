// The tables of a finished comparison on standard output.
#pragma once

#include <filesystem>

namespace mkdt::cli {

// Nothing if there is no comparison in the run folder, or with --quiet.
void print_results(const std::filesystem::path& run_folder);

}  // namespace mkdt::cli
