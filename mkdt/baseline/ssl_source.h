// Images to learn from without targets: pairs of random views of whichever are asked for.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/data/image_set.h"
#include "mkdt/ssl/views.h"

namespace mkdt {

struct SslSource {
  int64_t size = 0;        // images
  int64_t image_size = 0;  // pixels
  torch::Device device = torch::kCPU;
  // The images of `rows` (int64 [B], on the CPU) as `views` say: float32 [B,C,S,S] in normalised
  // space, on the device.
  std::function<torch::Tensor(const torch::Tensor& rows, const std::vector<ViewParameters>& views)>
      views_of;
};

// Real images, grey or in colour, seen through make_views.
SslSource ssl_source(const ImageSet& images, torch::Device device);

// Synthetic images [M,C,S,S] in normalised space, seen through differentiable_views.
SslSource ssl_source(const torch::Tensor& images, const Normalisation& normalisation,
                     torch::Device device);

// The two views of `count` images.
struct ViewPairs {
  std::vector<ViewParameters> first, second;
};
ViewPairs draw_pairs(int64_t count, int64_t image_size, const ViewOptions& options,
                     at::Generator& generator);

}  // namespace mkdt
