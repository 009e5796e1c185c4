// What one thread needs for the sweeps over one micro-batch.
#pragma once

#include <algorithm>
#include <vector>

#include "mkdt/nn/native/buffer.h"
#include "mkdt/nn/native/convnet_plan.h"

namespace mkdt::native {

// Of one block: value and, where the sweep has tangents, tangent.
template <typename T>
struct BlockBuffers {
  Buffer<T> input;  // BᵀxB, then its gradient: [36][tiles,width_pad]; first block: an image's
                    // columns [pixels,channels·9]
  Buffer<T> y;  // the convolution, ŷ, ∂/∂y: [images,pixels,width_pad]; first block: an image's
  Buffer<T> rstd;    // [images,width_pad]; first block: an image's
  Buffer<T> pooled;  // the pooled plane, then its gradient: [images,pooled_pixels,width_pad]
};

// Sums over the images that a thread has seen, in the form that the kernels produce.
template <typename T>
struct BlockGradients {
  Buffer<T> filter;       // as PackedParameters::Block::filter
  Buffer<T> gamma, beta;  // [width_pad]
};

template <typename T>
struct Workspace {
  Workspace(const ConvNetPlan& plan, int64_t images, bool with_tangents) {
    int64_t most_tiles = 0;
    for (size_t i = 0; i < plan.blocks.size(); ++i) {
      const BlockPlan& block = plan.blocks[i];
      // The first block's planes, the largest, are made again on the way back: one image's.
      const int64_t planes = i == 0 ? 1 : images;
      const int64_t input = i == 0 ? block.pixels() * plan.column_depth
                                   : kFrequencies * plan.tile_stride(block, images);
      if (i > 0) most_tiles = std::max(most_tiles, kFrequencies * plan.tile_stride(block, images));
      const auto add_buffers = [&](std::vector<BlockBuffers<T>>& to, bool has_input) {
        to.push_back({Buffer<T>(has_input ? input : 0),
                      Buffer<T>(planes * block.pixels() * plan.width_pad),
                      Buffer<T>(planes * plan.width_pad),
                      Buffer<T>(images * block.pooled_pixels() * plan.width_pad)});
      };
      add_buffers(values, true);
      if (with_tangents) add_buffers(tangents, i > 0);  // the images have none
      gradients.push_back({Buffer<T>(i == 0 ? plan.column_depth * plan.width_pad
                                            : kFrequencies * plan.filter_stride()),
                           Buffer<T>(plan.width_pad), Buffer<T>(plan.width_pad)});
    }
    tiles = Buffer<T>(most_tiles);
    feature_gradient = Buffer<T>(images * plan.feature_pad);
    pooled_again = Buffer<T>(plan.blocks[0].pooled_pixels() * plan.width_pad);
    zeros = Buffer<T>(plan.width_pad);
    discard = Buffer<T>(plan.width_pad);
    if (!with_tangents) return;
    tangent_tiles = Buffer<T>(most_tiles);
    column_gradient = Buffer<T>(plan.blocks[0].pixels() * plan.column_pad);
  }

  void clear_gradients() {
    for (BlockGradients<T>& block : gradients) {
      block.filter.clear();
      block.gamma.clear();
      block.beta.clear();
    }
    loss = tangent = 0;
  }

  std::vector<BlockBuffers<T>> values, tangents;
  std::vector<BlockGradients<T>> gradients;
  Buffer<T> tiles, tangent_tiles;  // AᵀYA's Y, or A·gy·Aᵀ: [36][tiles,width_pad]
  Buffer<T> feature_gradient;      // [images,feature_pad]
  Buffer<T> column_gradient;       // [pixels,column_pad], one image's
  Buffer<T> pooled_again;          // one image's pooled plane, made a second time for nothing
  Buffer<T> zeros, discard;        // [width_pad]
  double loss = 0, tangent = 0;    // sums
};

}  // namespace mkdt::native
