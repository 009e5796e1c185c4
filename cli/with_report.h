// --report: the report of a run, kept up to date while it goes on.
#pragma once

#include <filesystem>
#include <functional>

#include "mkdt/base/observer.h"

namespace CLI {
class App;
}

namespace mkdt::cli {

void add_report_flag(CLI::App& command, bool& wanted);

// Does the work; with the report in `run_folder`, from its first step to its end, whatever that is,
// if it is wanted.
void with_report(bool wanted, const std::filesystem::path& run_folder, Observer& observer,
                 const std::function<void(Observer&)>& work);

}  // namespace mkdt::cli
