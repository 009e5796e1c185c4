// [teacher]: the encoder whose representations students regress, trained here or given.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "mkdt/core/options.h"
#include "mkdt/nn/backbone.h"
#include "mkdt/ssl/algorithm_options.h"
#include "mkdt/ssl/augmentation_options.h"
#include "mkdt/ssl/optimiser_options.h"
#include "mkdt/ssl/outside_options.h"
#include "mkdt/ssl/target_processing.h"

namespace mkdt {

// What decides what a trained encoder is.
struct TeacherTrainingOptions {
  BackboneShape backbone;  // image_size is not an option; it is the images'
  AlgorithmOptions objective;
  AugmentationOptions augmentation;
  OptimiserOptions optimiser;
  int64_t epochs = 200;
  int64_t batch = 256;
  std::string precision = "float32";

  void declare(OptionSection& section);
  // Rules that tie several options together; throws Error.
  void check() const;
};

struct TeacherOptions {
  OutsideOptions outside;
  TeacherTrainingOptions training;
  ProcessingOptions processing;
  int64_t embed_batch = 256;
  int64_t probe_every = 10;

  void declare(OptionSection& section);
  void check() const;
};

// All of them: "teacher.epochs" → "200", in TOML notation. Equal where the trainings are.
std::map<std::string, std::string> option_entries(TeacherTrainingOptions options);

}  // namespace mkdt
