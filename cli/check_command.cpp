#include <algorithm>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/runtime_flags.h"
#include "cli/threads.h"
#include "mkdt/distill/meta_gradient.h"
#include "mkdt/distill/parity.h"

namespace mkdt::cli {
namespace {

constexpr ExitStatus kAboveTolerance = 1;

struct CheckArguments {
  std::string file;
  std::string engine = "auto";
  std::string dtype = "float64";
  double tolerance = 0;  // 0: the dtype's
  RuntimeOptions runtime;
};

// In float32 rounding grows through the steps, and a pre-activation that crosses zero may jump.
double default_tolerance(const std::string& dtype) { return dtype == "float64" ? 1e-9 : 5e-2; }

ExitStatus check(const CheckArguments& arguments) {
  set_up(arguments.runtime);
  const torch::Dtype dtype = arguments.dtype == "float64" ? torch::kFloat64 : torch::kFloat32;
  const double tolerance =
      arguments.tolerance > 0 ? arguments.tolerance : default_tolerance(arguments.dtype);
  bool passed = true;
  for (const ParityQuantity& quantity :
       check_parity(arguments.file, arguments.engine, dtype, arguments.runtime.torch_device())) {
    const bool within = quantity.relative_error <= tolerance;  // false for NaN
    fmt::print("{:<16} {:.3e}{}\n", quantity.name, quantity.relative_error,
               within ? "" : fmt::format("  above {:g}", tolerance));
    passed = passed && within;
  }
  return passed ? 0 : kAboveTolerance;
}

}  // namespace

void add_check_command(CLI::App& app, ExitStatus& status) {
  const auto arguments = std::make_shared<CheckArguments>();
  CLI::App* command = app.add_subcommand(
      "check", "Recompute the numbers of a reference implementation; exit status 1 if any is off.");
  command->add_option("FIXTURE", arguments->file, "A parity file (.safetensors)")->required();
  command->add_option("--engine", arguments->engine, "Meta-gradient engine")
      ->check(CLI::IsMember(meta_gradient_engines()))
      ->capture_default_str();
  command->add_option("--dtype", arguments->dtype, "Precision to compute in")
      ->check(CLI::IsMember({"float64", "float32"}))
      ->capture_default_str();
  add_runtime_flags(*command, arguments->runtime);
  command
      ->add_option("--tolerance", arguments->tolerance,
                   "Largest relative error that passes; 0 is 1e-9 in float64, 0.05 in float32")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->callback([arguments, &status] { status = check(*arguments); });
}

}  // namespace mkdt::cli
