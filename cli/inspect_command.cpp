#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>

#include "cli/commands.h"
#include "mkdt/core/byte_text.h"
#include "mkdt/core/error.h"
#include "mkdt/core/printable.h"
#include "mkdt/core/safetensors.h"
#include "mkdt/pipeline/manifest.h"
#include "mkdt/pipeline/stage.h"

namespace mkdt::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongest = 4000;  // bytes of a text that is shown

std::string statistics(const torch::Tensor& tensor) {
  if (tensor.numel() == 0) return "empty";
  const torch::Tensor values = tensor.to(torch::kFloat64);
  if (values.numel() == 1) return fmt::format("{:g}", values.item<double>());
  return fmt::format("{:.4g} to {:.4g}, mean {:.4g}, std {:.4g}", values.min().item<double>(),
                     values.max().item<double>(), values.mean().item<double>(),
                     values.std(/*unbiased=*/false).item<double>());
}

void inspect_file(const fs::path& path) {
  const TensorFile file = read_safetensors(path);
  fmt::print("{}\n", path.string());
  for (const auto& [key, value] : file.metadata) {
    const bool lines = value.find('\n') != std::string::npos;
    fmt::print("  {}: {}\n", printable(key),
               lines ? "(text of several lines)" : printable(value, kLongest));
  }
  for (const auto& [name, tensor] : file.tensors) {
    fmt::print("  {:<28} {:<9} [{}]  {}\n", printable(name), c10::toString(tensor.scalar_type()),
               fmt::join(tensor.sizes().vec(), ","), statistics(tensor));
  }
  for (const auto& [name, type] : file.passed_over) {
    fmt::print("  {:<28} {:<9} passed over: a type that mkdt does not read\n", printable(name),
               printable(type));
  }
}

void inspect_run(const fs::path& folder) {
  bool any = false;
  const Config defaults;
  for (const Stage& stage : stages_of(defaults)) {
    const auto manifest = read_manifest(folder / stage.name / kManifestFile);
    if (!manifest) continue;
    any = true;
    fmt::print("{:<10} {:>8.1f} s  {:>8}  {} files\n", manifest->stage, manifest->seconds,
               manifest->peak_memory ? byte_text(*manifest->peak_memory) : "",
               manifest->outputs.size());
  }
  if (!any) throw Error(fmt::format("{}: no finished stage in this folder", folder.string()));
}

}  // namespace

void add_inspect_command(CLI::App& app) {
  const auto path = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "inspect", "Print what a file of mkdt holds, or which stages of a run are done.");
  command->add_option("PATH", *path, "A .safetensors file or a run folder")->required();
  command->callback([path] { fs::is_directory(*path) ? inspect_run(*path) : inspect_file(*path); });
}

}  // namespace mkdt::cli
