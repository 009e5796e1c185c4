// Which real images the synthetic set starts from, and the subsets that it is compared with.
#pragma once

#include <cstdint>

#include <torch/types.h>

#include "mkdt/core/observer.h"
#include "mkdt/data/image_set.h"
#include "mkdt/expert/trajectory.h"

namespace mkdt {

// `count` of `total` rows, uniformly without replacement, sorted; int64 [count].
torch::Tensor random_subset(int64_t total, int64_t count, uint64_t seed);

// The rows with the highest values, sorted by row; ties go to the lower row. `losses` [N].
torch::Tensor high_loss_subset(const torch::Tensor& losses, int64_t count);

// Images that expert_losses looks at together.
constexpr int64_t kExpertLossBatch = 4096;

// Each image's regression loss, averaged over experts and their recorded epochs 1 … T
// (MKDT, arXiv 2410.02116, section 4.3). float64 [N] on the CPU.
// `targets` [N,d] are on the device on which to compute.
torch::Tensor expert_losses(const ImageSet& images, const torch::Tensor& targets,
                            const TrajectoryStore& experts, const Network& network,
                            Observer& observer);

}  // namespace mkdt
