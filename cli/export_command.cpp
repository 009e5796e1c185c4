#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/among_images.h"
#include "cli/commands.h"
#include "cli/export_encoder.h"
#include "cli/verbosity.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/io/checksum.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/publish/dataset/dataset_export.h"
#include "mkdt/publish/export_set.h"
#include "mkdt/publish/results.h"
#include "mkdt/run/manifest.h"

namespace mkdt::cli {
namespace {

namespace fs = std::filesystem;

struct ExportArguments {
  std::string source;
  std::string format;  // empty: png, of an encoder torchscript
  std::string out;
  std::string license = "unknown";
  bool encoder = false;
  bool teacher = false;

  ExportedPart part() const {
    const ExportedPart asked = encoder   ? ExportedPart::kEncoder
                               : teacher ? ExportedPart::kTeacher
                                         : ExportedPart::kSet;
    return exported_part(source, asked);
  }
};

fs::path set_file(const fs::path& source) {
  return fs::is_directory(source) ? kDistilledSet.in(source) : source;
}

// Returns how many images the run distilled; nothing if its representations are not there or are of
// others.
std::optional<int64_t> source_images(const fs::path& run, const SyntheticSet& set) {
  const fs::path path = kTrainRepresentations.in(run);
  const auto fingerprint = set.provenance.find("image_fingerprint");
  if (fingerprint == set.provenance.end() || !fs::exists(path)) return std::nullopt;
  const TensorFile file = read_safetensors(path);
  if (file.text("image_fingerprint") != fingerprint->second) return std::nullopt;
  return file.tensor("representations").size(0);
}

// Returns the rows of the run's comparison, if it was one of this set: the set may be newer.
std::vector<ComparisonRow> results(const fs::path& run) {
  const fs::path evaluation = run / kEvaluateStage;
  const auto manifest = read_manifest(evaluation / kManifestFile);
  if (!manifest || !fs::exists(evaluation / kResultsFile)) return {};
  const auto input = manifest->inputs.find(kDistilledSet.key());
  if (input == manifest->inputs.end() || input->second != file_checksum(kDistilledSet.in(run))) {
    fmt::print(stderr, "the comparison in {} is not of this set: the card is without it\n",
               evaluation.string());
    return {};
  }
  return read_results(evaluation / kResultsFile);
}

// Collects the texts of the folder to publish; a file alone knows less than its run.
PublishedSet published(const ExportArguments& arguments, const SyntheticSet& set) {
  PublishedSet result;
  result.set = set;
  result.license = arguments.license;
  if (fs::is_directory(arguments.source)) {
    result.source_images = source_images(arguments.source, set);
    result.results = results(arguments.source);
  }
  return result;
}

// Returns a path beside the set: distilled-png/, distilled.npz, …
fs::path default_output(const fs::path& file, const std::string& format) {
  const std::string stem = file.stem().string();
  const bool folder = format == "png" || format == "dataset";
  return file.parent_path() / (folder                    ? stem + "-" + format
                               : format == "safetensors" ? stem + "-export.safetensors"
                                                         : stem + "." + format);
}

void export_distilled_set(const ExportArguments& arguments) {
  const std::string format = arguments.format.empty() ? "png" : arguments.format;
  const fs::path file = set_file(arguments.source);
  if (fs::is_directory(arguments.source) && !fs::exists(file)) {
    throw Error(
        fmt::format("{0}: there is no distilled set in it; name a run that has come so far (`mkdt "
                    "run {0}` continues one), or a file",
                    arguments.source));
  }
  const SyntheticSet set = read_synthetic_set(file);
  const fs::path out =
      arguments.out.empty() ? default_output(file, format) : fs::path(arguments.out);
  check_output(out);
  say_if_among_images(out);
  if (format == "dataset") {
    export_dataset(published(arguments, set), out);
  } else {
    export_set(set, out, export_format(format));
  }
  if (!verbosity().quiet) fmt::print("{} images → {}\n", set.size(), out.string());
}

void export_to(const ExportArguments& arguments) {
  const ExportedPart part = arguments.part();
  if (part == ExportedPart::kSet) return export_distilled_set(arguments);
  const fs::path out =
      export_encoder_to(arguments.source, part,
                        arguments.format.empty() ? "torchscript" : arguments.format, arguments.out);
  if (verbosity().quiet) return;
  fmt::print("{} → {}\n", part == ExportedPart::kTeacher ? "teacher" : "encoder", out.string());
}

}  // namespace

void add_export_command(CLI::App& app) {
  const auto arguments = std::make_shared<ExportArguments>();
  CLI::App* command = app.add_subcommand(
      "export",
      "Write a distilled set, or an encoder, to publish it, as pictures, or for other programs.");
  command
      ->add_option("RUN", arguments->source,
                   "A run folder, or the file of a set, an encoder or a teacher")
      ->required();
  command
      ->add_option(
          "--to", arguments->format,
          "dataset: a folder to publish, with a card, loaders and how it fares; png: a folder of "
          "pictures with a contact sheet; npz: for NumPy; pt: for PyTorch. For an encoder: "
          "torchscript, a program; pt or safetensors. Without it png, for an encoder torchscript")
      ->check(CLI::IsMember({"dataset", "png", "npz", "pt", "safetensors", "torchscript"}));
  CLI::Option* encoder = command->add_flag(
      "--encoder", arguments->encoder,
      "Export the encoder that the run pre-trained on the set, with its normalisation");
  command->add_flag("--teacher", arguments->teacher, "Export the teacher that the run trained")
      ->excludes(encoder);
  command->add_option("--out", arguments->out, "The output; beside the exported file if not given");
  command
      ->add_option("--license", arguments->license,
                   "Licence of a dataset, by Hugging Face's identifier, such as cc-by-4.0")
      ->capture_default_str();
  command->callback([arguments] { export_to(*arguments); });
}

}  // namespace mkdt::cli
