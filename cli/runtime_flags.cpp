#include "cli/runtime_flags.h"

#include <CLI/CLI.hpp>

namespace mkdt::cli {

void add_runtime_flags(CLI::App& command, RuntimeOptions& runtime) {
  command.add_option("--device", runtime.device, "Where to compute")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->capture_default_str();
  command.add_option("--threads", runtime.threads, "Threads; 0 is one a core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command.add_flag("--tf32", runtime.tf32, "On a CUDA device, round factors to TF32's 10 bits");
}

}  // namespace mkdt::cli
