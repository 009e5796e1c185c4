// Measures how much of a mini-batch's gradient is signal and how much is the choice of the batch,
// under each of several losses. This is the argument for distilling knowledge instead of
// self-supervision (MKDT, arXiv 2410.02116, section 4 and figure 1).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/base/observer.h"
#include "mkdt/expert/recorder.h"

namespace mkdt {

// Takes gradients g_1 … g_K [P] of one loss at one θ, each of a batch drawn independently.
class GradientStatistics {
 public:
  void add(const torch::Tensor& gradient);

  // Returns tr Var(g) = Σ‖g_k − ḡ‖² / (K − 1), for K ≥ 2.
  double noise() const;
  // Returns ‖E g‖², unbiased: ‖ḡ‖² − noise / K. It may be below 0 where there is next to no signal.
  double signal() const;
  // Returns ‖E g‖² / tr Var(g): how the power of the signal compares with that of one batch's
  // noise.
  double signal_to_noise() const { return signal() / noise(); }

 private:
  double squared_mean() const;

  torch::Tensor sum_;  // float64 [P]
  double squares_ = 0;
  int64_t count_ = 0;
};

struct VarianceOptions {
  std::vector<int64_t> batches = {32, 64, 128, 256};  // sizes at which gradients are compared
  int64_t epochs = 2;    // the student is measured before training and after each
  int64_t samples = 32;  // gradients of each batch size, at least 2
  int64_t seeds = 3;     // students
};

// How students are trained under one loss.
struct LossCourse {
  std::string name;  // "knowledge distillation"
  ExpertCourse course;
  double weight_decay = 0;  // of the course's SGD
  int64_t body = 0;         // the first parameters, which both losses share: all but the heads
};

// One student at one point of its training, with one batch size. Everything is of the body alone.
struct GradientPoint {
  std::string loss;
  int64_t seed = 0;
  int64_t epoch = 0;
  int64_t batch = 0;
  double signal = 0, noise = 0, signal_to_noise = 0;  // GradientStatistics
};

// How far one student moved in one epoch.
struct EpochDistance {
  std::string loss;
  int64_t seed = 0;
  int64_t epoch = 0;    // 1, 2, …
  double distance = 0;  // ‖θ after − θ before‖
  double path = 0;      // Σ of ‖change‖ over its steps
};

struct GradientVariance {
  std::vector<GradientPoint> gradients;
  std::vector<EpochDistance> distances;
};

// Trains a student under every loss, and along its way draws batches of each size, uniformly and
// without replacement within a batch, for gradients of the loss without weight decay. Throws Error
// for fewer than two samples, batches that are larger than the set, or a loss that is not finite.
GradientVariance gradient_variance(const std::vector<LossCourse>& losses,
                                   const VarianceOptions& options, uint64_t seed,
                                   Observer& observer);

}  // namespace mkdt
