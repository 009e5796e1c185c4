// One epoch of self-supervised training.
#pragma once

#include <cstdint>
#include <functional>

#include "mkdt/data/images_on_device.h"
#include "mkdt/ssl/embedding_monitor.h"
#include "mkdt/ssl/teacher_checkpoint.h"
#include "mkdt/ssl/teacher_options.h"
#include "mkdt/ssl/view_passes.h"
#include "mkdt/ssl/views.h"

namespace mkdt {

// The encoder, algorithm and optimiser that a training starts with.
TeacherState initial_teacher_state(const BackboneShape& shape,
                                   const TeacherTrainingOptions& options, uint64_t seed,
                                   torch::Device device, int64_t batch);

class TeacherTrainer {
 public:
  // The arguments outlive the trainer, which changes `state`; `shape` is the one that the state was
  // made with.
  TeacherTrainer(const ImageSet& images, const BackboneShape& shape,
                 const TeacherTrainingOptions& options, uint64_t seed, torch::Device device,
                 TeacherState& state);

  // Images in a batch: no more than there are.
  static int64_t batch_size(const ImageSet& images, const TeacherTrainingOptions& options);
  int64_t images_per_epoch() const { return batch_ * steps_per_epoch_; }

  // The steps of the present epoch that are left. Views, order and rates depend on the seed and the
  // epoch's number only. `after_step` is told the images done in this epoch and the loss, when
  // `state` is one to go on from. Error if the loss, or at the end a parameter, is not finite.
  using AfterStep = std::function<void(int64_t images, double loss)>;
  EmbeddingSummary train_epoch(const AfterStep& after_step);
  // The next epoch is the present one.
  void close_epoch();

  // Error if one is not finite: the last step's update is in no loss yet.
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
