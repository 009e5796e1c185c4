// Experts trained by knowledge distillation: students that regress the teacher's representations of
// the real images.
#pragma once

#include <cstdint>

#include <torch/types.h>

#include "mkdt/data/image_set.h"
#include "mkdt/expert/expert_options.h"
#include "mkdt/expert/recorder.h"

namespace mkdt {

// What every expert of a run has in common.
struct ExpertTraining {
  NetworkPtr network;
  const ImageSet& images;        // real training images
  const torch::Tensor& targets;  // float32 [N,d], their representations, on `device`
  int64_t epochs = 0;            // to train and record
  const ExpertOptions& options;
  uint64_t seed = 0;
  torch::Device device;
};

// MSE to the targets by SGD with momentum, shuffled, no augmentation (MKDT, arXiv 2410.02116,
// section 4). Initialisation and order depend on `seed` and the expert's index alone. What the
// training refers to outlives the course.
ExpertCourse distilled_experts(const ExpertTraining& training);

}  // namespace mkdt
