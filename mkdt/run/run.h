// Holds one run of the pipeline: its options, its folder, and what its stages share.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mkdt/base/machine.h"
#include "mkdt/base/observer.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/data/dataset.h"
#include "mkdt/data/representations.h"
#include "mkdt/io/checkpoint.h"
#include "mkdt/nn/network.h"
#include "mkdt/run/config.h"

namespace mkdt {

// Names the three parts of a data set, by which their files are called.
enum class Part { kTrain, kValidation, kTest };
const char* part_name(Part part);  // "train", "validation", "test"
// Returns the file of a part's representations, which the embed stage writes.
const StageFile& representations_of(Part part);

// Memory and disk that can be used; nothing where the system does not say.
struct Available {
  std::optional<AvailableMemory> memory;
  std::optional<int64_t> disk;  // bytes, where the run's folder is
};

class Run {
 public:
  Run(const Config& config, std::filesystem::path folder, Observer& observer);

  const Config& config() const { return config_; }
  Observer& observer() const { return observer_; }
  torch::Device device() const { return device_; }
  uint64_t seed() const { return static_cast<uint64_t>(config_.runtime.seed); }
  const std::filesystem::path& folder() const { return folder_; }
  // Returns the path of a file in a stage's folder.
  std::filesystem::path path(const StageFile& file) const { return file.in(folder_); }
  std::filesystem::path path(const std::string& stage, const std::string& file) const {
    return folder_ / stage / file;
  }

  // Returns the plan of a stage's checkpoint, which is written every so many steps and
  // runtime.checkpoint_minutes.
  CheckpointPlan checkpoint(const std::string& stage, const std::string& key,
                            int64_t every = 0) const;

  // Return the data set, or a part's images, which are loaded when first asked for.
  const Dataset& data();
  const ImageSet& images(Part part);
  // Returns the checksum of the source of data(), without loading it.
  const std::string& source();

  // Returns what the embed stage wrote. Throws Error if it does not fit the images.
  Representations representations(Part part);
  bool has_representations(Part part) const;
  // Returns what the file says of a part's representations, without reading the values, which may
  // be many.
  RepresentationsHeader representations_header(Part part);
  // Returns their values on the run's device.
  torch::Tensor targets(Part part) { return representations(part).values.to(device_); }

  // Returns the sets in the folders of evaluate.datasets: formats found out, resized to the images'
  // size, normalised by their own statistics.
  const std::vector<Dataset>& downstream();

  // Returns the memory and disk that stages may count on: what the system says, or what was
  // assumed.
  Available available() const;
  void assume_available(Available available) { assumed_ = std::move(available); }

  // Returns the network of the students of experts and inner steps.
  NetworkPtr student();

 private:
  const Config& config_;
  std::filesystem::path folder_;
  Observer& observer_;
  torch::Device device_;
  std::optional<Dataset> data_;
  std::optional<std::vector<Dataset>> downstream_;
  std::string source_;
  std::optional<Available> assumed_;
};

}  // namespace mkdt
