#include "mkdt/stages/embed.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/data/batches.h"
#include "mkdt/data/dataset.h"
#include "mkdt/data/representations.h"
#include "mkdt/io/checksum.h"
#include "mkdt/io/npy.h"
#include "mkdt/run/report_files.h"
#include "mkdt/ssl/portable_encoder.h"
#include "mkdt/ssl/target_processing.h"
#include "mkdt/stages/quality.h"
#include "mkdt/stages/stages.h"
#include "mkdt/stages/trial.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

bool is_npy(const fs::path& rows) {
  const std::string ending = rows.extension().string();
  if (ending == ".npy" || ending == ".safetensors") return ending == ".npy";
  throw Error(fmt::format("--out: expected a name that ends in .npy or .safetensors, got '{}'",
                          rows.string()));
}

// Returns all images of the training split, as the encoder takes them.
ImageSet images_for(const FileEncoder& file, const fs::path& folder, const Config& config,
                    Observer& observer) {
  DataOptions options;
  options.format = config.data.format;
  options.root = folder.string();
  options.limit = config.data.limit;
  options.labels = config.data.labels;
  options.classes = config.data.classes;
  options.image_size = file.image_size;
  const ImageSplits splits = read_splits(options, observer);
  if (splits.test) {
    observer.warn(
        fmt::format("{}: it has {} test images, too: the rows are those of the {} "
                    "training images; give the test images' own folder for theirs",
                    folder.string(), splits.test->size(), splits.train.size()));
  }
  ImageSet images = file.channels == 1 ? splits.train : with_three_channels(splits.train);
  images.name = folder.string();
  images.normalisation = file.normalisation;
  return images;
}

}  // namespace

void embed_images(const ImagesToEmbed& request, const Config& config, Observer& observer) {
  const bool npy = is_npy(request.rows);
  const FileEncoder file = read_encoder_file(request.encoder, config.runtime.torch_device());
  const ImageSet images = images_for(file, request.images, config, observer);
  const torch::Tensor rows = embed(file.encoder, images, config.teacher.embed_batch, observer);
  if (npy) {
    write_npy(request.rows, rows);
  } else {
    write_representations(
        request.rows, RepresentationsInfo{images.fingerprint(), file.encoder.fingerprint, "none"},
        row_blocks(rows));
  }
  observer.info(fmt::format("{}: {} rows of {} dimensions, by {}", request.rows.string(),
                            rows.size(0), rows.size(1), file.encoder.fingerprint));
}

StageTrial embed_trial(Run& run, const StageNames& unfinished) {
  constexpr int64_t kFloat = sizeof(float);
  const TeacherOptions& options = run.config().teacher;
  const std::optional<ImageEncoder> encoder = expected_teacher(run, unfinished);
  const int64_t train = run.images(Part::kTrain).size();
  const int64_t test = run.images(Part::kTest).size();
  const int64_t all = train + run.images(Part::kValidation).size() + test;
  const int64_t dim = encoder ? encoder->dim : teacher_dim(run);
  const int64_t kept = options.processing.pca > 0 ? options.processing.pca : dim;
  const bool untrained_too = !options.outside.given() && run.images(Part::kTrain).labelled();
  const int64_t judged = std::min(train, kQualityRows);

  StageTrial trial;
  trial.sizes_change = true;
  int64_t represented = encoder ? all : 0;
  if (untrained_too) represented += judged + test;
  if (encoder) trial.steps.push_back(encode_step(run, *encoder, static_cast<double>(represented)));
  trial.steps.push_back(quality_step(run, kept, judged, Part::kTest, untrained_too ? 2 : 1));

  // Raw representations are in a file of their own, mapped, until all is done.
  const bool twice = encoder && options.processing.any();
  const int64_t raw = twice || !encoder ? all * dim * kFloat : 0;
  trial.held_memory = raw + (untrained_too ? (judged + test) * (dim + kept) * kFloat : 0);
  trial.disk = (twice ? raw : 0) + all * kept * kFloat;
  trial.disk_option = options.processing.pca > 0 ? "teacher.pca" : "data.limit";
  return trial;
}

namespace {

constexpr Part kParts[] = {Part::kTrain, Part::kValidation, Part::kTest};

Entries embed_options(const Config& config) {
  Entries entries = options_of(config, {"data", "teacher"});
  for (const auto& [key, value] : option_entries(config.teacher.training)) entries.erase(key);
  for (const char* key : {"teacher.representations", "teacher.test_representations",
                          "teacher.torchscript", "teacher.embed_batch", "teacher.probe_every"}) {
    entries.erase(key);
  }
  return entries;
}

// Checks names beside the rows even if they were put there later: they say whether the rows fit,
// but do not change the result.
void check_present_names(const Run& run) {
  const OutsideOptions& outside = run.config().teacher.outside;
  const std::filesystem::path of_train = row_names_file(outside.representations);
  const std::filesystem::path of_test = row_names_file(outside.test_representations);
  const bool train = !outside.representations.empty() && std::filesystem::exists(of_train);
  const bool test = !outside.test_representations.empty() && std::filesystem::exists(of_test);
  if (!train && !test) return;
  const ImageNames names = image_names(run.config().data);
  if (train && !names.train.empty()) check_row_names(of_train, names.train);
  if (test && !names.test.empty()) check_row_names(of_test, names.test);
}

Entries embed_sources(Run& run) {
  const OutsideOptions& outside = run.config().teacher.outside;
  Entries entries = {{"data", run.source()}};
  const auto add = [&](const std::string& key, const std::string& file) {
    if (file.empty()) return;
    if (!std::filesystem::is_regular_file(file)) {
      throw Error(fmt::format("{}: no such file: '{}'", key, file));
    }
    entries[key] = file_checksum(file);
  };
  add("teacher.representations", outside.representations);
  add("teacher.test_representations", outside.test_representations);
  add("teacher.torchscript", outside.torchscript);
  check_present_names(run);
  return entries;
}

// Representations of a part of the data set on their way to a file.
struct Source {
  RepresentationsInfo info;
  RowBlocks rows;
};
using Sources = std::map<Part, Source>;

void check_dimensions(const Run& run, int64_t dim) { run.config().teacher.processing.check(dim); }

// Makes sources whose rows are computed when they are asked for.
Sources encoded(Run& run, const ImageEncoder& encoder) {
  check_dimensions(run, encoder.dim);
  Sources sources;
  for (const Part part : kParts) {
    const ImageSet& images = run.images(part);
    const auto rows_at = [&images, encoder](int64_t begin, int64_t end) {
      return encode_rows(encoder, images, begin, end);
    };
    sources[part] = {{images.fingerprint(), encoder.fingerprint, "none"},
                     {images.size(), encoder.dim, rows_at}};
  }
  return sources;
}

Source selected(const Representations& all, const torch::Tensor& rows) {
  return {all, {rows.size(0), all.dim(), [values = all.values, rows](int64_t begin, int64_t end) {
                  return values.index_select(0, rows.slice(0, begin, end));
                }}};
}

// Checks the order of a file's rows by the names beside it, or reports that there are none.
void check_names(const Run& run, const std::string& rows, const std::vector<std::string>& images) {
  const std::filesystem::path names = row_names_file(rows);
  if (!std::filesystem::exists(names)) {
    run.observer().info(
        fmt::format("embed: the order of the rows of '{}' is believed; with the images' names in "
                    "'{}', a line each, it would be checked",
                    rows, names.string()));
  } else if (images.empty()) {
    run.observer().warn(
        fmt::format("embed: '{}' is not looked at: the rows are no files of a folder of images",
                    names.string()));
  } else {
    check_row_names(names, images);
    run.observer().info(fmt::format("embed: the rows of '{}' are in the order of the {} images",
                                    rows, images.size()));
  }
}

// Makes sources of the user's file, which has a row for every image of the source's training split,
// in its order.
Sources given(Run& run) {
  const OutsideOptions& outside = run.config().teacher.outside;
  const Dataset& data = run.data();
  const Representations all = read_representations(outside.representations, data.source_rows);
  check_dimensions(run, all.dim());
  const ImageNames names = image_names(run.config().data);
  check_names(run, outside.representations, names.train);
  Sources sources = {{Part::kTrain, selected(all, data.train_rows)},
                     {Part::kValidation, selected(all, data.validation_rows)}};
  if (outside.test_representations.empty()) {
    run.observer().warn(
        "embed: teacher.test_representations is not set: representation losses "
        "will be those of the validation images");
  } else {
    const Representations test =
        read_representations(outside.test_representations, data.source_test_rows);
    check_names(run, outside.test_representations, names.test);
    check_same_dimensions(outside, all.dim(), test.dim());
    sources[Part::kTest] = selected(test, data.test_rows);
  }
  for (auto& [part, source] : sources)
    source.info.image_fingerprint = run.images(part).fingerprint();
  return sources;
}

// Writes the representations of a part; `task` is for the progress line.
void write(Run& run, const char* task, Part part, const Source& source,
           const std::filesystem::path& path) {
  Observer& observer = run.observer();
  observer.begin(fmt::format("{} {}", task, run.images(part).name), source.rows.rows, "images");
  RowBlocks watched = source.rows;
  watched.at = [&](int64_t begin, int64_t end) {
    torch::Tensor values = source.rows.at(begin, end);
    observer.advance(end, "");
    throw_if_stopped(observer);
    return values;
  };
  write_representations(path, source.info, watched, run.config().teacher.embed_batch);
  observer.end();
}

// Runs the encoder once, into files, since rows that statistics are taken of are read twice.
void write_raw(Run& run, Sources& sources) {
  for (auto& [part, source] : sources) {
    const std::filesystem::path path =
        run.path(kEmbedStage, fmt::format("raw-{}", representations_of(part).name));
    write(run, "embed", part, source, path);
    source.rows = row_blocks(read_representations(path, source.rows.rows).values);
    std::filesystem::remove(path);  // still mapped
  }
}

// Describes the processing, with what an earlier run may have done already.
std::string described(const std::string& before, const TargetProcessing& processing) {
  if (before == "none") return processing.description();
  return processing.mean.defined() ? before + ", " + processing.description() : before;
}

TargetProcessing process(Run& run, Sources& sources) {
  TargetProcessing processing = fit_processing(sources.at(Part::kTrain).rows,
                                               run.config().teacher.processing, run.observer());
  for (auto& [part, source] : sources) {
    source.info.processing = described(source.info.processing, processing);
    source.rows.dim = processing.outputs(source.rows.dim);
    source.rows.at = [raw = source.rows.at, processing](int64_t begin, int64_t end) {
      return processing.apply(raw(begin, end));
    };
  }
  return processing;
}

// Warns of representations without information before hours of experts that regress them. It looks
// at the raw ones, since processing makes noise of equal ones.
void warn_without_information(Run& run, const RowBlocks& raw) {
  constexpr int64_t kRows = 2048;
  const torch::Tensor chosen = spread_rows(raw.rows, kRows);
  std::vector<torch::Tensor> rows;
  for (int64_t i = 0; i < chosen.size(0); ++i) {
    const auto row = chosen[i].item<int64_t>();
    rows.push_back(raw.at(row, row + 1));
  }
  const std::string lack = lack_of_information(torch::cat(rows));
  if (lack.empty()) return;
  run.observer().warn(
      fmt::format("embed: {}; students can learn next to nothing from them; look at the options of "
                  "[teacher]",
                  lack));
}

void embed_work(Run& run, const Manifest& /*manifest*/) {
  const std::optional<ImageEncoder> encoder = run_teacher(run);
  Sources sources = encoder ? encoded(run, *encoder) : given(run);
  const bool twice = encoder && run.config().teacher.processing.any();
  if (twice) write_raw(run, sources);
  if (twice || !encoder) warn_without_information(run, sources.at(Part::kTrain).rows);
  write_processing(run.path(kProcessingFile), process(run, sources));
  for (const auto& [part, source] : sources) {
    write(run, twice ? "process" : "embed", part, source, run.path(representations_of(part)));
  }
  if (encoder && !twice) {
    warn_without_information(run, row_blocks(run.representations(Part::kTrain).values));
  }
  write_class_means(run);
  const std::vector<RepresentationQuality> quality = teacher_quality(run);
  write_quality(run.path(kQualityFile), quality);
  for (const RepresentationQuality& row : quality) run.observer().info("embed: " + to_text(row));
}

}  // namespace

Stage embed_stage(const Config& config) {
  Stage stage;
  stage.name = kEmbedStage;
  stage.purpose = "Compute the teacher's representation of every image, or read them from a file.";
  if (!config.teacher.outside.given()) stage.inputs = {kTeacherStage};
  stage.options = embed_options;
  stage.sources = embed_sources;
  stage.work = embed_work;
  stage.trial = embed_trial;
  stage.batch_option = "teacher.embed_batch";
  stage.loses = loses_all;
  return stage;
}

}  // namespace mkdt
