#include <filesystem>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/report/export_set.h"

namespace mkdt::cli {
namespace {

namespace fs = std::filesystem;

struct ExportArguments {
  std::string source;
  std::string format = "png";
  std::string out;
};

fs::path set_file(const fs::path& source) {
  return fs::is_directory(source) ? source / "distill" / "distilled.safetensors" : source;
}

// Beside the set: distilled-png/, distilled.npz, …
fs::path default_output(const fs::path& file, const std::string& format) {
  const std::string stem = file.stem().string();
  return file.parent_path() / (format == "png"           ? stem + "-png"
                               : format == "safetensors" ? stem + "-export.safetensors"
                                                         : stem + "." + format);
}

void export_to(const ExportArguments& arguments) {
  const fs::path file = set_file(arguments.source);
  const SyntheticSet set = read_synthetic_set(file);
  const fs::path out =
      arguments.out.empty() ? default_output(file, arguments.format) : fs::path(arguments.out);
  export_set(set, out, export_format(arguments.format));
  fmt::print("{} images → {}\n", set.size(), out.string());
}

}  // namespace

void add_export_command(CLI::App& app) {
  const auto arguments = std::make_shared<ExportArguments>();
  CLI::App* command =
      app.add_subcommand("export", "Write a distilled set as pictures or for other programs.");
  command->add_option("RUN", arguments->source, "A run folder, or a distilled set's file")
      ->required();
  command
      ->add_option(
          "--to", arguments->format,
          "png: a folder of pictures with a contact sheet; npz: for NumPy; pt: for PyTorch")
      ->check(CLI::IsMember({"png", "npz", "pt", "safetensors"}))
      ->capture_default_str();
  command->add_option("--out", arguments->out, "Where to; beside the set if not given");
  command->callback([arguments] { export_to(*arguments); });
}

}  // namespace mkdt::cli
