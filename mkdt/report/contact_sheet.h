// Many small images in one picture.
#pragma once

#include <cstdint>

#include <torch/types.h>

namespace mkdt {

struct ContactSheetOptions {
  int64_t scale = 2;    // every pixel becomes scale × scale
  int64_t gap = 2;      // pixels of background between images and around them
  int64_t columns = 0;  // 0: as many as make the grid nearly square
};

// images uint8 [M,C,H,W], C 1 or 3, row by row → uint8 [3,H',W'] on the CPU.
torch::Tensor contact_sheet(const torch::Tensor& images, const ContactSheetOptions& options = {});

// Two sets with a wider gap between them, e.g. the start above and the distilled images below;
// same C, H and W.
torch::Tensor contact_sheet(const torch::Tensor& above, const torch::Tensor& below,
                            const ContactSheetOptions& options = {});

// A set for people to look at: at most a hundred images, evenly spread, small ones enlarged to
// about 64 pixels.
torch::Tensor sample_sheet(const torch::Tensor& images);
// Two sets of equal size: the same images of each.
torch::Tensor sample_sheet(const torch::Tensor& above, const torch::Tensor& below);

}  // namespace mkdt
