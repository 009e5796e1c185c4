// The sizes of a ConvNet's native computation, and where its parameters are in θ.
#pragma once

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
  // Scalars between two frequencies of a filter, of a batch's tiles: off the large powers of two,
  // so that a tile's 36 values do not fall into the same cache sets.
  int64_t filter_stride() const { return width_pad * width_pad + kChannelPad; }
  int64_t tile_stride(const BlockPlan& block, int64_t images) const {
    return images * block.tile_count * width_pad + kChannelPad;
  }
};

}  // namespace mkdt::native
