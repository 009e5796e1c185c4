// MTT-SSL, the negative control: trajectory matching without knowledge distillation. Experts and
// inner steps minimise the self-supervised loss itself (MKDT, arXiv 2410.02116, figure 1).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <torch/types.h>

#include "mkdt/base/observer.h"
#include "mkdt/base/options.h"
#include "mkdt/baseline/ssl_student.h"
#include "mkdt/data/image_set.h"
#include "mkdt/distill/distill_options.h"
#include "mkdt/distill/distill_state.h"
#include "mkdt/distill/distiller.h"
#include "mkdt/expert/recorder.h"
#include "mkdt/nn/network.h"
#include "mkdt/nn/regression.h"

namespace mkdt {

// [mtt_ssl]; the names are those of [experts] and [distill]. The defaults are for a small run.
struct MttSslOptions {
  MttSslOptions();

  int64_t experts = 4;
  int64_t train_batch = 256;
  double train_lr = 0.1;
  double train_momentum = 0.9;
  double train_weight_decay = 1e-4;
  int64_t projector_hidden = 128;
  int64_t projector_output = 128;
  double lambda = 5e-3;
  DistillOptions matching;  // the keys of declare_matching

  void declare(OptionSection& section);

  SslOptions ssl() const;
  SgdOptions train_sgd() const { return {train_lr, train_momentum, train_weight_decay}; }
};

// Draws the loss of inner steps without targets: Barlow Twins between two differentiable views of
// each of the batch's images, an SSL student's outputs.
DrawInnerLoss ssl_inner_loss(const SslOptions& options, int64_t image_size,
                             const Normalisation& normalisation);

struct MttSsl {
  NetworkPtr network;      // the students' architecture; its head has no part
  const ImageSet& images;  // real training images
  const MttSslOptions& options;
  uint64_t seed = 0;
  torch::Device device;
  std::filesystem::path folder;  // of experts/
  std::string expert_key;        // what the experts belong to
  // The matching's checkpoint, as Distillation has it; its minutes are the experts' too.
  CheckpointPlan checkpoint;
};

// Returns the training of the experts: students with their projectors learn by Barlow Twins on
// views of the real images, for as many epochs as matching can read. Images that do not fill an
// epoch's last batch are dropped.
ExpertCourse ssl_experts(const MttSsl& mtt);

// Returns the distillation that matches what `tasks` ask of `student`, an SslStudent: MKDT's, but
// with inner steps on the self-supervised loss. All that `mtt` refers to outlives it.
Distillation ssl_distillation(const MttSsl& mtt, const NetworkPtr& student, DrawOuterTask tasks);

// Learns a set from the images of `start`, whose targets and rate count for nothing. Resumes from
// the experts and from the checkpoint in the folder that have these keys, with the same bits as an
// uninterrupted run. The targets of the result are [M,0]. Throws Error for fewer than two images,
// or as distill does.
LearnedSet mtt_ssl(const MttSsl& mtt, const SyntheticSet& start, Observer& observer);

}  // namespace mkdt
