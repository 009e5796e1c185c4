// The options [subset] and [distill]: from which images the synthetic set starts, and how it is
// optimised.
#pragma once

#include <cstdint>
#include <string>

#include "mkdt/base/options.h"
#include "mkdt/data/batches.h"
#include "mkdt/nn/ops/operators.h"

namespace mkdt {

struct SubsetOptions {
  double size = 0.02;
  std::string start = "random";

  void declare(OptionSection& section);
  // Returns the number of images that `size` stands for in a set of `total`. Throws Error if it is
  // too many.
  int64_t count(int64_t total) const;
};

// Names are as in the paper's and MTT's code. The published optimiser is SGD with rates 1000, 1 and
// 1e-4 and momentum 0.5 (presets cifar10, …); its image rate fits the published sizes only.
struct DistillOptions {
  std::string objective = "trajectory";
  int64_t iterations = 5000;
  int64_t syn_steps = 40;
  int64_t batch = 256;
  bool short_batches = false;
  double syn_momentum = 0;
  int64_t expert_epochs = 2;
  int64_t max_start_epoch = 2;
  double syn_lr = 0.1;
  std::string engine = "auto";
  std::string precision = "float32";
  std::string optimiser = "adam";
  double lr_images = 0.02;
  double lr_targets = 0.005;
  double lr_syn_lr = 0.01;
  double momentum = 0.5;
  int64_t checkpoint_every = 50;
  int64_t max_free_steps = 100;
  int64_t real_batch = 256;
  std::string start;  // a synthetic set's file; empty: the subset

  void declare(OptionSection& section);
  // Declares the options of trajectory matching with any inner loss.
  void declare_matching(OptionSection& section);
  // Throws Error if options contradict each other.
  void check() const;
  LastBatch last_batch() const { return short_batches ? LastBatch::kShort : LastBatch::kDropped; }
  Operators operators() const;
  bool matches_trajectories() const { return objective == "trajectory"; }
  // Returns how many epochs of an expert the matching can read.
  int64_t readable_epochs() const { return max_start_epoch - 1 + expert_epochs; }
};

}  // namespace mkdt
