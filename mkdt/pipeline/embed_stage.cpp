#include <fmt/format.h>

#include "mkdt/core/checksum.h"
#include "mkdt/core/error.h"
#include "mkdt/pipeline/stages.h"
#include "mkdt/ssl/standardise.h"
#include "mkdt/ssl/teacher.h"

namespace mkdt {
namespace {

constexpr Part kParts[] = {Part::kTrain, Part::kValidation, Part::kTest};

using RawRepresentations = std::map<Part, Representations>;

Entries options(const Config& config) {
  Entries entries = options_of(config, {"data"});
  entries["teacher.standardise"] = config.teacher.standardise ? "true" : "false";
  return entries;
}

Entries sources(Run& run) {
  const TeacherOptions& teacher = run.config().teacher;
  Entries entries = {{"data", run.source()}};
  const auto add = [&](const std::string& key, const std::string& file) {
    if (!file.empty()) entries[key] = file_checksum(file);
  };
  add("teacher.representations", teacher.representations);
  add("teacher.test_representations", teacher.test_representations);
  return entries;
}

RawRepresentations embed_all(Run& run) {
  const Teacher teacher = read_teacher(run.path("teacher", "teacher.safetensors"));
  RawRepresentations raw;
  for (const Part part : kParts) {
    raw[part].values = embed(teacher, run.images(part), run.config().teacher.embed_batch,
                             run.device(), run.observer());
    raw[part].encoder = teacher.fingerprint();
  }
  return raw;
}

// The user's file has a row for every image of the source's training split, in its order.
RawRepresentations read_all(Run& run) {
  const TeacherOptions& teacher = run.config().teacher;
  const Dataset& data = run.data();
  const Representations all = read_representations(teacher.representations, data.source_rows);
  RawRepresentations raw = {{Part::kTrain, all}, {Part::kValidation, all}};
  raw[Part::kTrain].values = all.values.index_select(0, data.train_rows);
  raw[Part::kValidation].values = all.values.index_select(0, data.validation_rows);
  if (teacher.test_representations.empty()) {
    run.observer().warn(
        "embed: teacher.test_representations is not set: representation losses "
        "will be those of the validation images");
    return raw;
  }
  raw[Part::kTest] = read_representations(teacher.test_representations, data.test.size());
  if (raw[Part::kTest].dim() != all.dim()) {
    throw Error(fmt::format("{}: representations of {} dimensions, but those of '{}' have {}",
                            teacher.test_representations, raw[Part::kTest].dim(),
                            teacher.representations, all.dim()));
  }
  return raw;
}

void standardise(Run& run, RawRepresentations& raw) {
  const Standardisation statistics = fit_standardisation(raw.at(Part::kTrain).values);
  for (auto& [part, representations] : raw) {
    representations.values = statistics.apply(representations.values);
    representations.processing = "standardise";
  }
  write_standardisation(run.path("embed", "standardisation.safetensors"), statistics);
}

void work(Run& run, const Manifest& /*manifest*/) {
  const TeacherOptions& teacher = run.config().teacher;
  RawRepresentations raw = teacher.representations.empty() ? embed_all(run) : read_all(run);
  for (auto& [part, representations] : raw) {
    representations.processing = "none";
    representations.image_fingerprint = run.images(part).fingerprint();
  }
  if (teacher.standardise) standardise(run, raw);
  for (const auto& [part, representations] : raw) {
    write_representations(run.path("embed", fmt::format("{}.safetensors", part_name(part))),
                          representations);
  }
}

}  // namespace

Stage embed_stage(const Config& config) {
  Stage stage;
  stage.name = "embed";
  stage.purpose = "Compute the teacher's representation of every image, or read them from a file.";
  if (config.teacher.representations.empty()) stage.inputs = {"teacher"};
  stage.options = options;
  stage.sources = sources;
  stage.work = work;
  return stage;
}

}  // namespace mkdt
