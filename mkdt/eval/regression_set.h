// Regression sets made of what the library holds: real images, or float images in memory.
#pragma once

#include <torch/types.h>

#include "mkdt/core/observer.h"
#include "mkdt/data/image_set.h"
#include "mkdt/eval/pretrain.h"

namespace mkdt {

// Real images, normalised batch by batch on `device`; `targets` float32 [N,d], row i for image i.
// Throws Error if the counts differ.
RegressionSet regression_set(const ImageSet& images, const torch::Tensor& targets,
                             torch::Device device);

// The same set, whose images_at throws Stopped where the observer, which outlives it, wants to
// stop: whatever is computed batch by batch then ends within a batch.
RegressionSet stoppable(RegressionSet set, const Observer& observer);

// Images [M,C,H,W] in normalised space, as a synthetic set holds them.
RegressionSet regression_set(const torch::Tensor& images, const torch::Tensor& targets,
                             torch::Device device);

}  // namespace mkdt
