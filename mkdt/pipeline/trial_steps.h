// Steps that several stages have, as stages are tried by them.
#pragma once

#include <string>

#include "mkdt/eval/pretraining.h"
#include "mkdt/pipeline/run.h"
#include "mkdt/pipeline/stage_trial.h"
#include "mkdt/ssl/image_encoder.h"

namespace mkdt {

// A step of pre-training `network`, by a method that learns from `pretraining`.
StageStep pretraining_step(Run& run, const NetworkPtr& network, const Pretraining& pretraining,
                           const std::string& option, int64_t batch, double count);

// A step in which a student regresses targets of real images.
StageStep regression_step(Run& run, const NetworkPtr& network, const std::string& option,
                          int64_t batch, double count);

// A batch of images that a network represents, for `images` of them; as for held-out losses.
StageStep forward_step(Run& run, const NetworkPtr& network, double images);

// A batch of `images` that the teacher represents.
StageStep encode_step(Run& run, const ImageEncoder& encoder, double images);

// Rank, k-NN and linear probe of `rows` training images' representations of `dim` dimensions, with
// the images of `tests` to answer for.
StageStep quality_step(Run& run, int64_t dim, int64_t rows, Part tests, double count);

// What choosing a recipe for a synthetic set adds: the trials and the looks at the validation
// images. Nothing where the recipe is fixed.
void add_recipe_search(Run& run, const NetworkPtr& network, StageTrial& trial);

}  // namespace mkdt
