// Pictures of how a synthetic set came about: the images before and after, and the curve of the
// loss.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/distill/synthetic_set.h"

namespace mkdt {

struct LossCurve {
  std::string file;  // "matching_loss.svg"
  std::string title, x_label, y_label;
  std::vector<double> values;  // one a step; none: no file
};

// contact_sheet.png (the real images that it started from above, the synthetic ones below, at most
// a hundred of each, evenly spread) and the curve in `folder`. start_images [M,C,H,W] in normalised
// space.
void write_set_pictures(const std::filesystem::path& folder, const torch::Tensor& start_images,
                        const SyntheticSet& set, const LossCurve& curve);

}  // namespace mkdt
