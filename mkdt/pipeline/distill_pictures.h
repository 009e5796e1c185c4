// Pictures of a distillation: the images before and after, and the curve of the matching loss.
#pragma once

#include <filesystem>
#include <vector>

#include <torch/types.h>

#include "mkdt/distill/synthetic_set.h"

namespace mkdt {

// contact_sheet.png (the real images that it started from above, the synthetic ones below) and
// matching_loss.svg in `folder`. start_images [M,C,H,W] in normalised space.
void write_distill_pictures(const std::filesystem::path& folder, const torch::Tensor& start_images,
                            const SyntheticSet& set, const std::vector<double>& matching_losses);

}  // namespace mkdt
