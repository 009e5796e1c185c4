// The options [experts], and the training of students by knowledge distillation that they describe.
#pragma once

#include <cstdint>
#include <string>

#include <torch/types.h>

#include "mkdt/base/options.h"
#include "mkdt/data/image_set.h"
#include "mkdt/expert/recorder.h"
#include "mkdt/nn/network.h"

namespace mkdt {

// The defaults are the published protocol (MKDT, arXiv 2410.02116, section 5).
struct ExpertOptions {
  int64_t count = 100;
  int64_t epochs = 0;
  std::string architecture = "convnet";
  int64_t width = 128;
  int64_t depth = 3;
  std::string norm = "instance";
  std::string activation = "relu";
  std::string pooling = "average";
  int64_t batch = 256;
  double lr = 0.1;
  double momentum = 0.9;
  double weight_decay = 1e-4;
  std::string dtype = "float32";

  void declare(OptionSection& section);
  // Makes the student for such images and targets. Throws Error if an option does not go with the
  // architecture; the depth, which every configuration has, is just not read for a ResNet.
  NetworkPtr student(int64_t channels, int64_t image_size, int64_t outputs) const;
  // Throws the same Error, before there are images.
  void check() const;
};

// The common part of every expert's training in a run.
struct ExpertTraining {
  NetworkPtr network;
  const ImageSet& images;        // real training images
  const torch::Tensor& targets;  // float32 [N,d], their representations, on `device`
  int64_t epochs = 0;            // to train and record
  const ExpertOptions& options;
  uint64_t seed = 0;
  torch::Device device;
};

// Trains experts that regress the teacher's representations of the real images: MSE to the targets
// by SGD with momentum, shuffled, no augmentation (MKDT, arXiv 2410.02116, section 4).
// Initialisation and order depend on `seed` and the expert's index alone. Whatever the training
// refers to outlives the course.
ExpertCourse distilled_experts(const ExpertTraining& training);

}  // namespace mkdt
