// KRR-ST: synthetic images and targets on which a linear head, in closed form, fits the teacher.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/base/observer.h"
#include "mkdt/base/options.h"
#include "mkdt/data/image_set.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/io/checkpoint.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/nn/network.h"
#include "mkdt/nn/regression.h"
#include "mkdt/nn/update_rules.h"

namespace mkdt {

// [krr_st]. As published (arXiv 2310.06511, section 4.1 and the authors' code): 160 000 steps at
// rate 1e-4, 1e-5 for Tiny ImageNet; the rest as below. Steps and rate are for minutes on a
// processor.
struct KrrStOptions {
  int64_t steps = 1000;
  int64_t batch = 1024;
  double lr = 0.03;
  double weight_decay = 0;
  double ridge = 1e-6;
  int64_t pool = 10;
  int64_t reinitialise_after = 1000;
  double student_lr = 0.1;
  double student_momentum = 0.9;
  double student_weight_decay = 1e-3;
  int64_t checkpoint_every = 200;

  void declare(OptionSection& section);
  SgdOptions student() const { return {student_lr, student_momentum, student_weight_decay}; }
};

struct PoolStudent {
  Student student;
  int64_t age = 0;  // SGD steps since it was initialised
};

// All that the next step of KRR-ST depends on, and the curve so far.
struct KrrStState {
  torch::Tensor images;   // X, float32 [M,C,H,W]
  torch::Tensor targets;  // Y, float32 [M,d]
  Moments images_moments;
  Moments targets_moments;
  std::vector<PoolStudent> pool;
  std::vector<double> losses;  // of every step so far

  int64_t step() const { return static_cast<int64_t>(losses.size()); }
};

// A checkpoint's contents.
struct KrrStProgress {
  KrrStState state;
  at::Generator generator;
};

// Convert a checkpoint's contents to tensors, and back on `device`. Throws Error naming the file if
// one is missing.
TensorFile to_tensors(const KrrStProgress& progress);
KrrStProgress krr_st_progress(const TensorFile& file, torch::Device device);

struct KrrSt {
  NetworkPtr network;      // the students' architecture
  const ImageSet& images;  // real ones
  torch::Tensor targets;   // the teacher's representations of them, float32 [N,d]
  const KrrStOptions& options;
  uint64_t seed = 0;
  torch::Device device;
  CheckpointPlan checkpoint;
};

// Runs Self-Supervised Dataset Distillation for Transfer Learning (arXiv 2310.06511, algorithm 1)
// from the images and targets of `start`, which has no learned rate, nor has the result. The
// students of the pool start as their code has them, each after a random number of SGD steps on the
// starting set. Departures: real images are neither cropped nor flipped at random, since their
// representations are known as they are, and a student that starts anew counts from 0 again, as in
// the paper; in the authors' code it would start anew at every later use.
//
// Resumes from the checkpoint where there is one for this key, with the same bits as an
// uninterrupted run; one is written at the end, and before Stopped is thrown. Throws Error as
// soon as a loss is not finite; the last checkpoint stays.
LearnedSet krr_st(const KrrSt& problem, const SyntheticSet& start, Observer& observer);

// The loss of one step and where it falls.
struct KrrStGradient {
  double loss = 0;        // NaN if a feature or a gradient is not finite; then there are none
  torch::Tensor images;   // [M,C,H,W]
  torch::Tensor targets;  // [M,d]
};

// Returns L = mean over all elements of (K_rs (K_ss + λI)⁻¹ Y − Z_r)², with K of the features at
// theta and a 1 behind them, λ = ridge · trace(K_ss) held constant, and its gradient to X and Y. X,
// Y and theta have one dtype. Real features are computed without gradient.
KrrStGradient krr_st_gradient(const Network& network, const torch::Tensor& theta,
                              const torch::Tensor& images, const torch::Tensor& targets,
                              const torch::Tensor& real_images, const torch::Tensor& real_targets,
                              double ridge);

// The parts of a step that KRR-ST repeats.
class KrrStStep {
 public:
  // `problem` outlives it.
  explicit KrrStStep(const KrrSt& problem);

  // Returns krr_st_gradient on a batch of real images, drawn from `generator`, with the student's
  // features.
  KrrStGradient gradient(const KrrStState& state, const PoolStudent& student,
                         at::Generator& generator) const;
  // Moves images and targets of `state` against it.
  void update(KrrStState& state, const KrrStGradient& gradient) const;
  // Takes one SGD step of a student on the whole synthetic set; returns the loss before it.
  double train(PoolStudent& student, const KrrStState& state);

 private:
  const KrrSt& problem_;
  const KrrStOptions& options_;
  const Network& network_;
  std::shared_ptr<RegressionGradient> regression_;  // of all students
};

}  // namespace mkdt
