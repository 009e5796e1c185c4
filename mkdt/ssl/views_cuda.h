// Makes views on a CUDA device, by the kernel of views_kernel.h.
#pragma once

#include <vector>

#include <torch/types.h>

#include "mkdt/ssl/colour_jitter.h"
#include "mkdt/ssl/views.h"
#include "mkdt/ssl/views_kernel.h"

namespace mkdt {

// Converts the random choices of a view to the form that the kernel reads.
inline mkdt_kernel::View kernel_view(const ViewParameters& view) {
  mkdt_kernel::View result{};
  result.left = view.left;
  result.top = view.top;
  result.width = view.width;
  result.height = view.height;
  result.brightness = view.brightness;
  result.contrast = view.contrast;
  result.saturation = view.saturation;
  result.hue = view.hue;
  result.blur_sigma = view.blur_sigma;
  const auto sequence = jitter_sequence(view.order);
  for (size_t i = 0; i < sequence.size(); ++i) {
    result.sequence |= static_cast<int>(sequence[i]) << (2 * i);
  }
  result.flip = view.flip ? 1 : 0;
  result.jitter = view.jitter ? 1 : 0;
  result.grey = view.grey ? 1 : 0;
  result.solarise = view.solarise ? 1 : 0;
  return result;
}

// Tells whether there is a compiler for the kernel (base/cuda_program.h).
bool can_make_views_on(torch::Device device);

// Makes views as make_views does, for `pixels` on such a device.
torch::Tensor make_views_on_cuda(const torch::Tensor& pixels,
                                 const std::vector<ViewParameters>& views,
                                 const Normalisation& normalisation);

}  // namespace mkdt
