// Keeps the report of a run up to date while it is in progress, for --report.
#pragma once

#include <filesystem>
#include <functional>

#include "mkdt/base/observer.h"

namespace CLI {
class App;
}

namespace mkdt::cli {

void add_report_flag(CLI::App& command, bool& wanted);

// Does the work; if the report is wanted, it is in `run_folder` from the work's first step to its
// end, however that comes.
void with_report(bool wanted, const std::filesystem::path& run_folder, Observer& observer,
                 const std::function<void(Observer&)>& work);

}  // namespace mkdt::cli
