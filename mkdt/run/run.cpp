#include "mkdt/run/run.h"

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/run/source_fingerprint.h"

namespace mkdt {

const char* part_name(Part part) {
  switch (part) {
    case Part::kTrain:
      return "train";
    case Part::kValidation:
      return "validation";
    case Part::kTest:
      return "test";
  }
  throw std::logic_error("not a part of a data set");
}

const StageFile& representations_of(Part part) {
  switch (part) {
    case Part::kTrain:
      return kTrainRepresentations;
    case Part::kValidation:
      return kValidationRepresentations;
    case Part::kTest:
      return kTestRepresentations;
  }
  throw std::logic_error("not a part of a data set");
}

Run::Run(const Config& config, std::filesystem::path folder, Observer& observer)
    : config_(config),
      folder_(std::move(folder)),
      observer_(observer),
      device_(config.runtime.torch_device()) {}

CheckpointPlan Run::checkpoint(const std::string& stage, const std::string& key,
                               int64_t every) const {
  return {path(stage, "checkpoint.safetensors"), key, every, config_.runtime.checkpoint_minutes};
}

const Dataset& Run::data() {
  if (!data_) data_ = load_dataset(config_.data, seed(), observer_);
  return *data_;
}

const ImageSet& Run::images(Part part) {
  switch (part) {
    case Part::kTrain:
      return data().train;
    case Part::kValidation:
      return data().validation;
    case Part::kTest:
      return data().test;
  }
  throw std::logic_error("not a part of a data set");
}

const std::string& Run::source() {
  if (source_.empty()) {
    source_ = source_fingerprint(config_.data, observer_, recorded_fingerprints(folder_));
  }
  return source_;
}

Representations Run::representations(Part part) {
  return read_representations(path(representations_of(part)), images(part).size());
}

RepresentationsHeader Run::representations_header(Part part) {
  return read_representations_header(path(representations_of(part)), images(part).size());
}

bool Run::has_representations(Part part) const {
  return std::filesystem::exists(path(representations_of(part)));
}

const std::vector<Dataset>& Run::downstream() {
  if (downstream_) return *downstream_;
  std::vector<Dataset> sets;
  for (const std::string& root : config_.evaluate.datasets) {
    if (!std::filesystem::is_directory(root)) {
      throw Error(fmt::format("evaluate.datasets: no such folder: '{}'", root));
    }
    DataOptions options;
    options.root = root;
    options.image_size = data().train.image_size();
    options.cache = config_.data.cache;
    try {
      sets.push_back(load_dataset(options, seed(), observer_));
    } catch (const Error& error) {
      throw Error(fmt::format("evaluate.datasets, '{}': {}", root, error.what()));
    }
  }
  downstream_ = std::move(sets);
  return *downstream_;
}

Available Run::available() const {
  if (assumed_) return *assumed_;
  return {available_memory(), available_disk(folder_)};
}

NetworkPtr Run::student() {
  const ImageSet& images = data().train;
  return config_.experts.student(images.channels(), images.image_size(),
                                 representations_header(Part::kTrain).dim);
}

}  // namespace mkdt
