// Prints a run's plan as a table or as JSON.
#pragma once

#include "cli/run_arguments.h"

namespace mkdt::cli {

// Serves `mkdt plan` and `mkdt run --dry-run`.
void print_plan(const RunArguments& arguments, bool as_json);

}  // namespace mkdt::cli
