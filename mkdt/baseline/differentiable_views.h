// The random views of ssl/views.h as a linear map of the images, so that a loss on views can be
// differentiated with respect to them, to any order.
#pragma once

#include <vector>

#include <torch/types.h>

#include "mkdt/data/normalisation.h"
#include "mkdt/ssl/views.h"

namespace mkdt {

// Returns image i of `images` (float [B,C,S,S] in normalised space, C 1 or 3) as views[i] says, in
// the same shape, dtype, device and space. A grey image is taken for three equal channels.
//
// It does what make_views does, but for two things. Values are nowhere clamped to [0, 1]: synthetic
// images leave that range anyway. Hue turns colours about the grey axis of RGB space (Rodrigues'
// formula), which is linear and agrees with HSV's hue for whole thirds of a turn; in between it
// keeps the sum of the channels, where HSV keeps the largest. Blur and solarisation must not be
// asked for.
torch::Tensor differentiable_views(const torch::Tensor& images,
                                   const std::vector<ViewParameters>& views,
                                   const Normalisation& normalisation);

}  // namespace mkdt
