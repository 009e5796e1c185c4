// What stages are tried on while there is nothing better: stand-ins of the same sizes.
#pragma once

#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/data/batches.h"
#include "mkdt/eval/pretraining.h"
#include "mkdt/pipeline/run.h"
#include "mkdt/pipeline/stage_trial.h"
#include "mkdt/ssl/image_encoder.h"

namespace mkdt {

// A rate at which nothing diverges in a few steps.
constexpr double kSafeRate = 1e-4;

// The teacher's dimensions, before they are processed.
int64_t teacher_dim(Run& run);
// Those of the representations that students regress.
int64_t expected_dim(Run& run, const StageNames& unfinished);
NetworkPtr expected_student(Run& run, const StageNames& unfinished);
// [N,d]: those of the embed stage if it is done, else random ones.
torch::Tensor expected_targets(Run& run, Part part, const StageNames& unfinished);
// The teacher as it is, or, while it is not trained, as it is before that; none where
// representations are given.
std::optional<ImageEncoder> expected_teacher(Run& run, const StageNames& unfinished);

// Normally distributed, float32 on the device; the same at each call.
torch::Tensor stand_in(at::IntArrayRef sizes, torch::Device device);
// `count` images from the first on, and again from the first where there are fewer.
ImageSet some_images(const ImageSet& images, int64_t count);

// Batches of a set of `size` images for so many inner steps, on the run's device.
std::vector<torch::Tensor> trial_batches(const Run& run, int64_t size, int64_t batch, int64_t steps,
                                         at::Generator& generator,
                                         LastBatch last = LastBatch::kDropped);

// Images in a synthetic set, and numbers in one of its images.
int64_t set_size(Run& run);
int64_t pixel_count(Run& run);

}  // namespace mkdt
