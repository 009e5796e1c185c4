// Cuts a stage into the steps that it repeats, small enough to be tried before the stage begins,
// and makes the stand-ins that they are tried on.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/base/timing.h"
#include "mkdt/distill/distill_state.h"
#include "mkdt/distill/outer_iteration.h"
#include "mkdt/distill/outer_task.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/expert/recorder.h"
#include "mkdt/run/run.h"
#include "mkdt/ssl/image_encoder.h"

namespace mkdt {

using StageNames = std::set<std::string>;

// One kind of step, at its real size and by the stage's own code.
struct StageStep {
  std::string name;    // "training step"
  std::string option;  // what to lower where its memory does not suffice: "teacher.batch"
  int64_t batch = 1;   // its size now: images or rows, at least 1
  double count = 0;    // how many of them the stage does; 0: it counts for memory only
  // Does `steps` of them with batches of `batch`, which may be less than its size now, and returns
  // how long each took. Writes no files.
  std::function<Seconds(int64_t batch, int64_t steps)> run;
  int64_t least_batch = 1;  // the smallest batch that it can do
};

struct StageTrial {
  std::vector<StageStep> steps;
  // Measures, when called, the seconds besides the steps. May be null.
  std::function<double()> more_seconds;
  // Says whether the steps are as many as there may be, because nobody knows yet.
  bool at_most = false;
  // The bytes that are held while the steps are done and that the steps themselves do not have.
  int64_t held_memory = 0;
  // Says whether batches change their size (the last one of a set, several sets), so that tensors
  // of the sizes before are kept beside them.
  bool sizes_change = false;
  // The bytes below the run folder at the worst moment, temporary files and two checkpoints
  // included.
  int64_t disk = 0;
  std::string disk_option;         // what to lower where they do not suffice; empty: none
  std::vector<std::string> notes;  // what the numbers assume
};

// Stages are tried on stand-ins of the same sizes while what they need does not exist yet.

// Returns the dimensions of the teacher's representations, before they are processed.
int64_t teacher_dim(Run& run);
// Returns the dimensions of the representations that students regress.
int64_t expected_dim(Run& run, const StageNames& unfinished);
NetworkPtr expected_student(Run& run, const StageNames& unfinished);
// Returns the targets of a part, [N,d]: those of the embed stage if it is done, otherwise random
// ones.
torch::Tensor expected_targets(Run& run, Part part, const StageNames& unfinished);
// Returns the teacher as it is or, while it is not trained, as it is before that; nothing where
// representations are given.
std::optional<ImageEncoder> expected_teacher(Run& run, const StageNames& unfinished);

// Returns normally distributed numbers, float32 on the device, the same at each call.
torch::Tensor stand_in(at::IntArrayRef sizes, torch::Device device);
// Returns `count` images from the first on, and again from the first where there are fewer.
ImageSet some_images(const ImageSet& images, int64_t count);

// Returns real images in place of a synthetic set's, with random targets of `outputs` dimensions
// and kSafeRate, on the run's device.
DistillState stand_in_set(Run& run, int64_t outputs);
// Draws the way from one random student to another in place of an expert's.
DrawOuterTask stand_in_tasks(const Run& run, const Network& student);

// Return the number of images in a synthetic set, and of values in one of its images.
int64_t set_size(Run& run);
int64_t pixel_count(Run& run);

// Several stages have these steps.

// Returns a step of pre-training `network`, by a method that learns from `pretraining`.
StageStep pretraining_step(Run& run, const NetworkPtr& network, const Pretraining& pretraining,
                           const std::string& option, int64_t batch, double count);

// Returns a step of pre-training `network` on a synthetic set, as [pretrain] says.
StageStep set_step(Run& run, const NetworkPtr& network, double count);

// Measures `steps` steps of an expert's training, all on the first batch.
Seconds seconds_of_training(const ExpertCourse& course, int64_t steps);

// Measures `steps` outer iterations, each from the same stand-in with targets of `outputs`
// dimensions.
Seconds seconds_of_iterations(Run& run, const Distillation& distillation, int64_t outputs,
                              int64_t steps);

// Returns a step in which a network represents a batch of images without gradient, as for held-out
// losses; it has `images` images in all.
StageStep forward_step(Run& run, const NetworkPtr& network, double images);

// Returns a step in which the teacher represents a batch of images; it has `images` images in all.
StageStep encode_step(Run& run, const ImageEncoder& encoder, double images);

// Returns a step of rank, k-NN and linear probe of `rows` training images' representations of `dim`
// dimensions, judged on the images of `tests`.
StageStep quality_step(Run& run, int64_t dim, int64_t rows, Part tests, double count);

// Adds what choosing a recipe for a synthetic set takes: the trial trainings and the losses on the
// validation images. Adds nothing where the recipe is fixed.
void add_recipe_search(Run& run, const NetworkPtr& network, StageTrial& trial);

}  // namespace mkdt
