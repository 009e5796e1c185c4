// [teacher]: the self-supervised encoder whose representations students regress.
#pragma once

#include <cstdint>
#include <string>

#include "mkdt/core/options.h"

namespace mkdt {

struct TeacherOptions {
  std::string representations;       // a file to read instead of training
  std::string test_representations;  // the same for the test images
  bool standardise = false;
  int64_t embed_batch = 256;

  std::string algorithm = "barlow-twins";
  std::string architecture = "resnet18";
  int64_t width = 64;
  int64_t epochs = 200;
  int64_t batch = 256;
  double lr = 1e-3;  // AdamW; the published LARS rates are for batches of thousands of images
  double weight_decay = 1e-5;
  int64_t warmup_epochs = 10;
  int64_t projector_dim = 2048;
  double lambda = 5e-3;
  double min_crop = 0.2;
  double jitter = 1;
  double grey = 0.2;
  std::string precision = "float32";

  void declare(OptionSection& section);
};

// The options that decide what the trained encoder is, as TOML.
std::string training_options_text(TeacherOptions options);

}  // namespace mkdt
