// Trains a teacher for one epoch, by a rate that changes from step to step.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "mkdt/data/image_set.h"
#include "mkdt/ssl/teacher_checkpoint.h"
#include "mkdt/ssl/teacher_options.h"
#include "mkdt/ssl/view_passes.h"
#include "mkdt/ssl/views.h"

namespace mkdt {

// Returns the factor on the peak rate: linear warm-up, then half a cosine down to zero. For step 0
// ≤ `step` < `steps` it is (step + 1) / warmup during the first `warmup` steps, then (1 + cos πt) /
// 2 with t from 0 to just below 1 (arXiv 1608.03983, eq. 5, without restarts).
inline double warmup_cosine(int64_t step, int64_t warmup, int64_t steps) {
  if (step < warmup) return static_cast<double>(step + 1) / static_cast<double>(warmup);
  const auto length = static_cast<double>(std::max<int64_t>(steps - warmup, 1));
  return 0.5 * (1 + std::cos(std::acos(-1.0) * static_cast<double>(step - warmup) / length));
}

// Makes the encoder, algorithm and optimiser with which a training starts.
TeacherState initial_teacher_state(const BackboneShape& shape,
                                   const TeacherTrainingOptions& options, uint64_t seed,
                                   torch::Device device);

class TeacherTrainer {
 public:
  // The arguments outlive the trainer, which changes `state`; the state was made with `shape`.
  TeacherTrainer(const ImageSet& images, const BackboneShape& shape,
                 const TeacherTrainingOptions& options, uint64_t seed, torch::Device device,
                 TeacherState& state);

  // Returns the number of images in a batch: no more than there are.
  static int64_t batch_size(const ImageSet& images, const TeacherTrainingOptions& options);
  int64_t images_per_epoch() const { return batch_ * steps_per_epoch_; }

  // Takes the steps of the present epoch that are left. Views, order and rates depend on the seed
  // and the epoch's number only. `after_step` is told the images done in this epoch and the loss,
  // when `state` can be resumed from. Throws Error if the loss, or at the end a parameter, is not
  // finite.
  using AfterStep = std::function<void(int64_t images, double loss)>;
  EmbeddingSummary train_epoch(const AfterStep& after_step);
  // Makes the next epoch the present one.
  void close_epoch();

  // Throws Error if a parameter is not finite: the last step's update is in no loss yet.
  void check_parameters() const;

 private:
  double train_step(const torch::Tensor& pixels);
  std::vector<ViewParameters> draw(const torch::Tensor& pixels, const ViewOptions& views);
  void update(double lr, double progress);

  const ImageSet& images_;
  const TeacherTrainingOptions& options_;
  uint64_t seed_;
  torch::Device device_;
  TeacherState& state_;
  ImagesOnDevice pixels_;  // where views of them are made
  int64_t batch_, steps_per_epoch_;
  ViewPair views_;
  ViewPasses passes_;
};

}  // namespace mkdt
