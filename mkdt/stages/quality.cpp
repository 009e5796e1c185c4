#include "mkdt/stages/quality.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/text.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/data/batches.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/json.h"
#include "mkdt/ssl/script_encoder.h"
#include "mkdt/ssl/target_processing.h"
#include "mkdt/ssl/teacher.h"
#include "mkdt/ssl/teacher_training.h"

namespace mkdt {

std::optional<ImageEncoder> run_teacher(Run& run) {
  const OutsideOptions& outside = run.config().teacher.outside;
  if (!outside.representations.empty()) return std::nullopt;
  if (!outside.torchscript.empty()) {
    return script_encoder(outside, run.images(Part::kTrain), run.device());
  }
  return image_encoder(read_teacher(run.path(kTeacherFile)), run.device());
}

void check_same_dimensions(const OutsideOptions& options, int64_t train, int64_t test) {
  if (test == train) return;
  throw Error(fmt::format("{}: representations of {} dimensions, but those of '{}' have {}",
                          options.test_representations, test, options.representations, train));
}

namespace {

Part tested_part(const Run& run) {
  return run.has_representations(Part::kTest) ? Part::kTest : Part::kValidation;
}

RepresentationQuality untrained_quality(Run& run) {
  const TeacherOptions& options = run.config().teacher;
  TeacherTrainingOptions untrained = options.training;
  untrained.epochs = 0;
  QuietObserver silent(run.observer());
  const ImageSet& all = run.images(Part::kTrain);
  const ImageSet train = all.subset(spread_rows(all.size(), kQualityRows));
  const ImageSet& test = run.images(tested_part(run));
  const ImageEncoder encoder = image_encoder(
      train_teacher(train, untrained, run.seed(), run.device(), silent), run.device());
  const torch::Tensor raw = embed(encoder, train, options.embed_batch, silent);
  const TargetProcessing processing = fit_processing(row_blocks(raw), options.processing, silent);
  return representation_quality(
      "untrained", {processing.apply(raw), train.labels},
      {processing.apply(embed(encoder, test, options.embed_batch, silent)), test.labels},
      kQualityRows, silent);
}

}  // namespace

std::vector<RepresentationQuality> teacher_quality(Run& run) {
  const auto part = [&](Part which) {
    return LabelledRepresentations{run.representations(which).values, run.images(which).labels};
  };
  std::vector<RepresentationQuality> rows = {representation_quality(
      "teacher", part(Part::kTrain), part(tested_part(run)), kQualityRows, run.observer())};
  const bool trained_here = !run.config().teacher.outside.given();
  if (trained_here && rows.front().probe) rows.push_back(untrained_quality(run));
  return rows;
}

void write_quality(const std::filesystem::path& path,
                   const std::vector<RepresentationQuality>& rows) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const RepresentationQuality& row : rows) {
    list.push_back({{"encoder", row.encoder},
                    {"dim", row.dim},
                    {"effective_rank", row.effective_rank},
                    {"knn", or_null(row.knn)},
                    {"probe", or_null(row.probe)}});
  }
  write_text_atomically(path, list.dump(2) + "\n");
}

std::vector<RepresentationQuality> read_quality(const std::filesystem::path& path) {
  const std::string text = read_json_text(path);
  try {
    std::vector<RepresentationQuality> rows;
    for (const nlohmann::json& entry : nlohmann::json::parse(text)) {
      const auto optional = [&](const char* key) {
        const nlohmann::json& value = entry.at(key);
        return value.is_null() ? std::nullopt : std::optional<double>(value.get<double>());
      };
      rows.push_back({entry.at("encoder").get<std::string>(), entry.at("dim").get<int64_t>(),
                      entry.at("effective_rank").get<double>(), optional("knn"),
                      optional("probe")});
    }
    return rows;
  } catch (const nlohmann::json::exception& error) {
    throw Error(fmt::format("{}: not a list of representations' quality ({})", path.string(),
                            printable(error.what())));
  }
}

}  // namespace mkdt
