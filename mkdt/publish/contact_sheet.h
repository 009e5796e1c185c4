// Puts many small images into one picture, and images beside their random views.
#pragma once

#include <cstdint>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/data/image_set.h"
#include "mkdt/ssl/views.h"

namespace mkdt {

struct ContactSheetOptions {
  int64_t scale = 2;    // every pixel becomes scale × scale
  int64_t gap = 2;      // pixels of background between images and around them
  int64_t columns = 0;  // 0: as many as make the grid nearly square
};

// Puts images uint8 [M,C,H,W], C 1 or 3, side by side, row by row; returns uint8 [3,H',W'] on the
// CPU.
torch::Tensor contact_sheet(const torch::Tensor& images, const ContactSheetOptions& options = {});

// Puts two sets into one picture with a wider gap between them, e.g. the start above and the
// distilled images below; both have the same C, H and W.
torch::Tensor contact_sheet(const torch::Tensor& above, const torch::Tensor& below,
                            const ContactSheetOptions& options = {});

// Returns a picture of a set for people to look at: at most a hundred images, evenly spread, small
// ones enlarged to about 64 pixels.
torch::Tensor sample_sheet(const torch::Tensor& images);
// Returns such a picture of two sets of equal size, with the same images of each.
torch::Tensor sample_sheet(const torch::Tensor& above, const torch::Tensor& below);

// Shows what a teacher's training sees: `count` images, evenly spaced in the set (all of a smaller
// one), a row each. A row has the image itself, then `pairs` times its first and its second view,
// independent of each other. Small images are enlarged to about 64 pixels. Returns uint8 [3,H,W].
// Throws Error for an empty set, or count or pairs below 1.
torch::Tensor view_sheet(const ImageSet& images, const ViewPair& views, int64_t count,
                         int64_t pairs, at::Generator& generator);

}  // namespace mkdt
