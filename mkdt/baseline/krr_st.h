// KRR-ST: synthetic images and targets on which a linear head, in closed form, fits the teacher.
#pragma once

#include "mkdt/baseline/krr_st_options.h"
#include "mkdt/baseline/krr_st_state.h"
#include "mkdt/core/checkpoint.h"
#include "mkdt/core/observer.h"
#include "mkdt/data/image_set.h"
#include "mkdt/nn/network.h"

namespace mkdt {

struct KrrSt {
  NetworkPtr network;      // the students' architecture
  const ImageSet& images;  // real ones
  torch::Tensor targets;   // the teacher's representations of them, float32 [N,d]
  const KrrStOptions& options;
  uint64_t seed = 0;
  torch::Device device;
  CheckpointPlan checkpoint;
};

// Self-Supervised Dataset Distillation for Transfer Learning (arXiv 2310.06511, algorithm 1): start
// from images [M,C,H,W] in normalised space and their representations [M,d]. The students of the
// pool start as their code has them, each after a random number of SGD steps on the starting set.
// Departures: real images are neither cropped nor flipped at random, since their representations
// are known as they are, and a student that starts anew counts from 0 again, as in the paper; in
// the authors' code it would start anew at every later use.
//
// Goes on from the checkpoint where there is one for this key, with the same bits as an
// uninterrupted run; one is written at the end, and before Stopped is thrown. Throws Error as
// soon as a loss is not finite; the last checkpoint stays.
KrrStState krr_st(const KrrSt& problem, const torch::Tensor& images, const torch::Tensor& targets,
                  Observer& observer);

// The loss of one step and where it falls.
struct KrrStGradient {
  double loss = 0;        // NaN if a feature or a gradient is not finite; then there are none
  torch::Tensor images;   // [M,C,H,W]
  torch::Tensor targets;  // [M,d]
};

// L = mean over all elements of (K_rs (K_ss + λI)⁻¹ Y − Z_r)², with K of the features at theta and
// a 1 behind them, λ = ridge · trace(K_ss) held constant, and its gradient to X and Y. X, Y and
// theta have one dtype. Real features are computed without gradient.
KrrStGradient krr_st_gradient(const Network& network, const torch::Tensor& theta,
                              const torch::Tensor& images, const torch::Tensor& targets,
                              const torch::Tensor& real_images, const torch::Tensor& real_targets,
                              double ridge);

}  // namespace mkdt
