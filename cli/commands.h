// Adds the subcommands; each file adds its own to the program.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace mkdt::cli {

// A subcommand's callback sets the status that main returns; it is 0 otherwise.
using ExitStatus = int;

void add_run_commands(CLI::App& app);  // run, and one for each stage
void add_plan_command(CLI::App& app);
void add_compare_command(CLI::App& app);
void add_study_command(CLI::App& app);
void add_report_command(CLI::App& app);
void add_augment_sheet_command(CLI::App& app);
void add_export_command(CLI::App& app);
void add_data_command(CLI::App& app);
void add_cache_command(CLI::App& app);
void add_inspect_command(CLI::App& app);
void add_verify_command(CLI::App& app, ExitStatus& status);
void add_check_command(CLI::App& app, ExitStatus& status);
// `allocator` (see allocator.h) is set before any command runs.
void add_bench_command(CLI::App& app, std::string& allocator);
void add_presets_command(CLI::App& app);
void add_options_command(CLI::App& app);
void add_info_command(CLI::App& app);
void add_documentation_commands(CLI::App& app);  // completion, man

}  // namespace mkdt::cli
