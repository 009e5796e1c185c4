// MTT-SSL, the negative control: trajectory matching without knowledge distillation. Experts and
// inner steps minimise the self-supervised loss itself (MKDT, arXiv 2410.02116, figure 1).
#pragma once

#include <filesystem>
#include <string>

#include <torch/types.h>

#include "mkdt/baseline/mtt_ssl_options.h"
#include "mkdt/core/observer.h"
#include "mkdt/data/image_set.h"
#include "mkdt/distill/distill_state.h"
#include "mkdt/distill/distiller.h"
#include "mkdt/expert/recorder.h"
#include "mkdt/nn/network.h"

namespace mkdt {

// The loss of inner steps without targets: Barlow Twins between two differentiable views of each of
// the batch's images, an SSL student's outputs.
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
  CheckpointPlan checkpoint;  // of the matching, see distiller.h; its minutes are the experts' too
};

// Students with their projectors, trained with Barlow Twins on views of the real images, for as
// many epochs as matching can read. What does not fill an epoch's last batch is dropped.
ExpertCourse ssl_experts(const MttSsl& mtt);

// From real images [M,C,H,W] in normalised space. Goes on from the experts and from the checkpoint
// in the folder that have these keys, with the same bits as an uninterrupted run. The targets of
// the result are [M,0]. Throws Error for fewer than two images, or as distill does.
DistillState mtt_ssl(const MttSsl& mtt, const torch::Tensor& start_images, Observer& observer);

}  // namespace mkdt
