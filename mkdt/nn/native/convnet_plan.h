// The sizes of a ConvNet's native computation, and the places of its parameters in θ.
#pragma once

#include <algorithm>
#include <vector>

#include "mkdt/nn/convnet.h"
#include "mkdt/nn/native/kernels.h"

namespace mkdt::native {

struct BlockPlan {
  int64_t inputs;               // channels in front of the convolution
  int64_t size;                 // height = width of the convolution's plane
  int64_t pooled;               // of the pooled plane, ⌊size/2⌋
  int64_t tile_count;           // Winograd tiles of an image
  int64_t weight, gamma, beta;  // offsets in θ

  int64_t pixels() const { return size * size; }
  int64_t pooled_pixels() const { return pooled * pooled; }
};

// The first block, whose few channels would not fill a vector, is a matrix product with the
// images' 3×3 neighbourhoods ("columns"); the others are Winograd convolutions.
struct ConvNetPlan {
  explicit ConvNetPlan(const ConvNet& network);

  int64_t channels;  // of the images
  int64_t image_size;
  int64_t width, width_pad;
  std::vector<BlockPlan> blocks;
  int64_t column_depth, column_pad;  // channels·9
  int64_t features, feature_pad;
  int64_t outputs, output_pad;
  int64_t head_weight, head_bias;  // offsets in θ

  int64_t image_numel() const { return channels * image_size * image_size; }
  // Scalars between two frequencies of a filter, of a batch's tiles, and between two rows of the
  // columns: off the large powers of two, so that values read together do not fall into the same
  // cache sets.
  int64_t filter_stride() const { return width_pad * width_pad + kChannelPad; }
  int64_t tile_stride(const BlockPlan& block, int64_t images) const {
    return images * block.tile_count * width_pad + kChannelPad;
  }
  int64_t column_stride() const { return padded(blocks[0].pixels()) + kChannelPad; }
  // Planes of an image and their tangents that are kept until the way back.
  int64_t plane_scalars() const {
    int64_t scalars = blocks[0].pooled_pixels();
    for (size_t i = 1; i < blocks.size(); ++i) {
      scalars += blocks[i].pixels() + blocks[i].pooled_pixels();
    }
    return 2 * scalars * width_pad;
  }
  // Rows of the first block's plane that are computed together, an even number: so few that they
  // stay in the cache.
  int64_t band_rows() const {
    return std::max<int64_t>(2, kBandScalars / (width_pad * image_size) / 2 * 2);
  }
  int64_t band_scalars() const { return band_rows() * image_size * width_pad; }
  static constexpr int64_t kBandScalars = 8192;
  // Images whose tiles go through the Winograd domain together: few enough that these stay in the
  // cache from one transform to the next, enough to pay for reading the filters.
  int64_t group_images(const BlockPlan& block) const {
    const int64_t tiles = std::max(kGroupScalars / (kFrequencies * width_pad), kLeastTiles);
    return std::max<int64_t>(1, tiles / block.tile_count);
  }
  static constexpr int64_t kGroupScalars = 73728;  // in float, a bit more than a quarter of a MiB
  static constexpr int64_t kLeastTiles = 16;
};

}  // namespace mkdt::native
