// What a residual network consists of, as its engine computes it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "mkdt/nn/residual/layout.h"

namespace mkdt::residual {

// Basic blocks as in arXiv 1512.03385, with a stem of stride 1 and no max-pool
// (backbones/resnet.h).
struct NetworkShape {
  int64_t image_size;  // H = W
  int64_t width;       // channels of the first stage
  std::array<int64_t, 4> blocks;
};

// A convolution and the batch norm behind it.
struct Layer {
  Geometry geometry;
  int64_t in, out;          // channels
  int64_t in_pad, out_pad;  // padded to a multiple of 16

  int64_t weights() const { return out * in * geometry.kernel * geometry.kernel; }
  int64_t packed_weights() const { return out_pad * in_pad * geometry.kernel * geometry.kernel; }
  // Multiplications and additions for one image.
  double flops() const {
    return 2.0 * static_cast<double>(weights()) * static_cast<double>(geometry.out_pixels());
  }
};

struct Block {
  size_t first, second;            // layers, with a ReLU between them
  std::optional<size_t> shortcut;  // the layer that the shortcut goes through
};

// Layer 0 is the stem; layers stand in the order of the network's parameters, a block's shortcut
// behind its layers.
struct NetworkPlan {
  explicit NetworkPlan(const NetworkShape& shape);

  const Layer& last_layer() const { return layers[blocks.back().second]; }

  std::vector<Layer> layers;
  std::vector<Block> blocks;
};

}  // namespace mkdt::residual
