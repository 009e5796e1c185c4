// One epoch of self-supervised training.
#pragma once

#include <cstdint>
#include <functional>

#include "mkdt/data/image_set.h"
#include "mkdt/ssl/embedding_monitor.h"
#include "mkdt/ssl/teacher_checkpoint.h"
#include "mkdt/ssl/teacher_options.h"

namespace mkdt {

// The encoder, algorithm and optimiser that a training starts with.
TeacherState initial_teacher_state(const BackboneShape& shape,
                                   const TeacherTrainingOptions& options, uint64_t seed,
                                   torch::Device device, int64_t batch);

class TeacherTrainer {
 public:
  // The arguments outlive the trainer, which changes `state`.
  TeacherTrainer(const ImageSet& images, const TeacherTrainingOptions& options, uint64_t seed,
                 torch::Device device, TeacherState& state);

  // Images in a batch: no more than there are.
  static int64_t batch_size(const ImageSet& images, const TeacherTrainingOptions& options);
  int64_t images_per_epoch() const { return batch_ * steps_per_epoch_; }

  // Views, order and rates depend on the seed and the epoch's number only. `after_step` is told the
  // images done in this epoch and the loss. Error if the loss, or at the end a parameter,
  // is not finite.
  using AfterStep = std::function<void(int64_t images, double loss)>;
  EmbeddingSummary train_epoch(const AfterStep& after_step);

 private:
  double train_step(const torch::Tensor& pixels, at::Generator& augmentation,
                    EmbeddingMonitor& monitor);
  torch::Tensor random_views(const torch::Tensor& pixels, const ViewOptions& views,
                             at::Generator& generator) const;
  void update(double lr, double progress);
  void check_parameters() const;

  const ImageSet& images_;
  const TeacherTrainingOptions& options_;
  uint64_t seed_;
  torch::Device device_;
  TeacherState& state_;
  int64_t batch_, steps_per_epoch_;
  ViewPair views_;
};

}  // namespace mkdt
