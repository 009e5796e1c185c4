#include <fmt/format.h>

#include "mkdt/core/checksum.h"
#include "mkdt/core/error.h"
#include "mkdt/pipeline/quality.h"
#include "mkdt/pipeline/run_teacher.h"
#include "mkdt/pipeline/stages.h"
#include "mkdt/ssl/target_processing.h"

namespace mkdt {
namespace {

constexpr Part kParts[] = {Part::kTrain, Part::kValidation, Part::kTest};

Entries options(const Config& config) {
  Entries entries = options_of(config, {"data", "teacher"});
  for (const auto& [key, value] : option_entries(config.teacher.training)) entries.erase(key);
  for (const char* key : {"teacher.representations", "teacher.test_representations",
                          "teacher.torchscript", "teacher.embed_batch", "teacher.probe_every"}) {
    entries.erase(key);
  }
  return entries;
}

Entries sources(Run& run) {
  const OutsideOptions& outside = run.config().teacher.outside;
  Entries entries = {{"data", run.source()}};
  const auto add = [&](const std::string& key, const std::string& file) {
    if (!file.empty()) entries[key] = file_checksum(file);
  };
  add("teacher.representations", outside.representations);
  add("teacher.test_representations", outside.test_representations);
  add("teacher.torchscript", outside.torchscript);
  return entries;
}

std::string file_of(Part part) { return fmt::format("{}.safetensors", part_name(part)); }

// What an encoder says of a part's images, on its way to a file as it is computed.
void embed_to_file(Run& run, const ImageEncoder& encoder, Part part,
                   const std::filesystem::path& path) {
  const ImageSet& images = run.images(part);
  run.observer().begin("embed " + images.name, images.size(), "images");
  const auto rows_at = [&](int64_t begin, int64_t end) {
    run.observer().advance(begin, "");
    return encoder.encode(images.images.slice(0, begin, end));
  };
  write_representations(path, {images.fingerprint(), encoder.fingerprint, "none"}, images.size(),
                        encoder.dim, rows_at, run.config().teacher.embed_batch);
  run.observer().advance(images.size(), "");
  run.observer().end();
}

using RawParts = std::map<Part, Representations>;

// The user's file has a row for every image of the source's training split, in its order.
RawParts read_given(Run& run) {
  const OutsideOptions& outside = run.config().teacher.outside;
  const Dataset& data = run.data();
  const Representations all = read_representations(outside.representations, data.source_rows);
  RawParts raw = {{Part::kTrain, all}, {Part::kValidation, all}};
  raw[Part::kTrain].values = all.values.index_select(0, data.train_rows);
  raw[Part::kValidation].values = all.values.index_select(0, data.validation_rows);
  if (outside.test_representations.empty()) {
    run.observer().warn(
        "embed: teacher.test_representations is not set: representation losses "
        "will be those of the validation images");
    return raw;
  }
  raw[Part::kTest] = read_representations(outside.test_representations, data.test.size());
  if (raw[Part::kTest].dim() != all.dim()) {
    throw Error(fmt::format("{}: representations of {} dimensions, but those of '{}' have {}",
                            outside.test_representations, raw[Part::kTest].dim(),
                            outside.representations, all.dim()));
  }
  return raw;
}

std::filesystem::path raw_path(const Run& run, Part part) {
  return run.path("embed", "raw-" + file_of(part));
}

// Mapped from files, so that they do not have to fit in memory.
RawParts embed_all(Run& run, const ImageEncoder& encoder) {
  RawParts raw;
  for (const Part part : kParts) {
    embed_to_file(run, encoder, part, raw_path(run, part));
    raw[part] = read_representations(raw_path(run, part), run.images(part).size());
  }
  return raw;
}

void write_processed(Run& run, const RawParts& raw, const TargetProcessing& processing) {
  for (const auto& [part, representations] : raw) {
    const torch::Tensor& values = representations.values;
    RepresentationsInfo info = representations;
    info.image_fingerprint = run.images(part).fingerprint();
    info.processing = processing.description();
    write_representations(
        run.path("embed", file_of(part)), info, values.size(0), processing.outputs(values.size(1)),
        [&](int64_t begin, int64_t end) { return processing.apply(values.slice(0, begin, end)); });
  }
}

void work(Run& run, const Manifest& /*manifest*/) {
  const std::optional<ImageEncoder> encoder = run_teacher(run);
  const RawParts raw = encoder ? embed_all(run, *encoder) : read_given(run);
  const TargetProcessing processing =
      fit_processing(raw.at(Part::kTrain).values, run.config().teacher.processing);
  write_processing(run.path("embed", "processing.safetensors"), processing);
  write_processed(run, raw, processing);
  for (const Part part : kParts) std::filesystem::remove(raw_path(run, part));

  const std::vector<RepresentationQuality> quality = teacher_quality(run);
  write_quality(run.path("embed", "quality.json"), quality);
  for (const RepresentationQuality& row : quality) run.observer().info("embed: " + to_text(row));
}

}  // namespace

Stage embed_stage(const Config& config) {
  Stage stage;
  stage.name = "embed";
  stage.purpose = "Compute the teacher's representation of every image, or read them from a file.";
  if (!config.teacher.outside.given()) stage.inputs = {"teacher"};
  stage.options = options;
  stage.sources = sources;
  stage.work = work;
  return stage;
}

}  // namespace mkdt
