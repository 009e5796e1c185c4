#include "mkdt/pipeline/run.h"

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/pipeline/source_fingerprint.h"

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

Run::Run(const Config& config, std::filesystem::path folder, Observer& observer)
    : config_(config),
      folder_(std::move(folder)),
      observer_(observer),
      device_(config.runtime.torch_device()) {}

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
  if (source_.empty()) source_ = source_fingerprint(config_.data);
  return source_;
}

Representations Run::representations(Part part) {
  return read_representations(path("embed", fmt::format("{}.safetensors", part_name(part))),
                              images(part).size());
}

bool Run::has_representations(Part part) const {
  return std::filesystem::exists(path("embed", fmt::format("{}.safetensors", part_name(part))));
}

NetworkPtr Run::network(const ExpertOptions& options) {
  return options.student(data().train.channels(), data().train.image_size(),
                         representations(Part::kTrain).dim());
}

NetworkPtr Run::student() { return network(config_.experts); }

NetworkPtr Run::encoder() {
  ExpertOptions options = config_.experts;
  if (config_.evaluate.encoder_width != 0) options.width = config_.evaluate.encoder_width;
  if (config_.evaluate.encoder_depth != 0) options.depth = config_.evaluate.encoder_depth;
  return network(options);
}

}  // namespace mkdt
