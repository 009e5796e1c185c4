// Views made on a CUDA device, by the kernel of views_kernel.h.
#pragma once

#include <vector>

#include <torch/types.h>

#include "mkdt/ssl/views.h"

namespace mkdt {

// Whether there is a compiler for the kernel (core/cuda_program.h).
bool can_make_views_on(torch::Device device);

// As make_views, for `pixels` on such a device.
torch::Tensor make_views_on_cuda(const torch::Tensor& pixels,
                                 const std::vector<ViewParameters>& views,
                                 const Normalisation& normalisation);

}  // namespace mkdt
