// One epoch of self-supervised training, with the optimiser and its learning rate.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <torch/optim/optimizer.h>

#include "mkdt/data/image_set.h"
#include "mkdt/ssl/teacher_checkpoint.h"
#include "mkdt/ssl/teacher_options.h"
#include "mkdt/ssl/view_passes.h"
#include "mkdt/ssl/views.h"

namespace mkdt {

// The learning rate over a training: linear warm-up, then half a cosine down to zero.

// The factor on the peak rate for step 0 ≤ `step` < `steps`: (step + 1) / warmup during the first
// `warmup` steps, then (1 + cos πt) / 2 with t from 0 to just below 1 (arXiv 1608.03983, eq. 5,
// without restarts).
inline double warmup_cosine(int64_t step, int64_t warmup, int64_t steps) {
  if (step < warmup) return static_cast<double>(step + 1) / static_cast<double>(warmup);
  const auto length = static_cast<double>(std::max<int64_t>(steps - warmup, 1));
  return 0.5 * (1 + std::cos(std::acos(-1.0) * static_cast<double>(step - warmup) / length));
}

// What updates an encoder's parameters: AdamW, SGD or LARS.

// Whether a parameter has weight decay, and a rate of its own under LARS: matrices and kernels; not
// norms and biases, nor a transformer's class token and positions, whose first size is 1.
bool decays(const torch::Tensor& parameter);

// Over the parameters that require a gradient, in two groups: those that decay, and the others.
// LARS is SGD here, without decay: call scale_gradients before each step.
std::unique_ptr<torch::optim::Optimizer> make_optimiser(
    const std::vector<torch::Tensor>& parameters, const OptimiserOptions& options, double lr);

void set_learning_rate(torch::optim::Optimizer& optimiser, double lr);

// Layer-wise adaptive rates (arXiv 1708.03888, algorithm 1): the gradient g of each w that decays
// becomes η ‖w‖ / ‖g + βw‖ · (g + βw), with β the weight decay and the trust coefficient η = 1e-3;
// as it is where a norm is 0. Departures: the paper has ‖g‖ + β‖w‖ below the line, which is at
// least as large, and multiplies by the rate before the momentum and not after.
void scale_gradients(const std::vector<torch::Tensor>& parameters, double weight_decay);

// One epoch of self-supervised training.

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
