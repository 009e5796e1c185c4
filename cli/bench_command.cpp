#include <string>

#include <CLI/CLI.hpp>

#include "cli/benchmarks.h"
#include "cli/commands.h"

namespace mkdt::cli {

void add_bench_command(CLI::App& app, std::string& allocator) {
  CLI::App* bench = app.add_subcommand(
      "bench",
      "Measure speed and memory; prints JSON. Where a baseline is given, both are run by turns.");
  bench->require_subcommand(1);
  for (CLI::App* command :
       {add_meta_gradient_benchmark(*bench), add_train_step_benchmark(*bench),
        add_teacher_step_benchmark(*bench), add_embed_benchmark(*bench),
        add_probe_benchmark(*bench), add_augment_benchmark(*bench), add_decode_benchmark(*bench)}) {
    command
        ->add_option("--allocator", allocator,
                     "cached: as the program runs; tuned: the C library's, set up to keep freed "
                     "memory; default: the C library's own settings")
        ->check(CLI::IsMember({"cached", "tuned", "default"}))
        ->capture_default_str();
  }
}

}  // namespace mkdt::cli
