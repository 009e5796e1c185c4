#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/version.h>

#include "cli/commands.h"
#include "cli/threads.h"
#include "mkdt/base/version.h"
#include "mkdt/nn/native/isa.h"

namespace mkdt::cli {

void add_info_command(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("info", "What this build and this machine offer: kernels, threads, GPU.");
  command->callback([] {
    use_threads(0);
    std::vector<std::string> isas;
    for (const native::Isa isa : native::available_isas()) isas.emplace_back(isa_name(isa));
    fmt::print("mkdt            {}\n", version());
    fmt::print("libtorch        {}\n", TORCH_VERSION);
    fmt::print("native kernels  {} (of {}; MKDT_ISA chooses)\n", isa_name(native::chosen_isa()),
               fmt::join(isas, ", "));
    fmt::print("threads         {}\n", at::get_num_threads());
    fmt::print("CUDA            {}\n", at::hasCUDA() ? "available" : "not available");
  });
}

}  // namespace mkdt::cli
