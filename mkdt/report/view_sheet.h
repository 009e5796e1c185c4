// Images beside their random views: what a teacher's training sees.
#pragma once

#include <cstdint>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/data/image_set.h"
#include "mkdt/ssl/views.h"

namespace mkdt {

// `count` images, evenly spaced in the set (all of a smaller one), a row each: the image itself,
// then `pairs` times its first and its second view, independent of each other. Small images are
// enlarged to about 64 pixels. uint8 [3,H,W]; Error for an empty set, or count or pairs below 1.
torch::Tensor view_sheet(const ImageSet& images, const ViewPair& views, int64_t count,
                         int64_t pairs, at::Generator& generator);

}  // namespace mkdt
