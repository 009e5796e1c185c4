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
  Buffer<T> y;  // the convolution, ŷ, ∂/∂y: [images,pixels,width_pad]; first block: a slice's
  Buffer<T> mean, rstd;  // [images,width_pad]
  Buffer<T> pooled;      // the pooled plane, then its gradient: [images,pooled_pixels,width_pad]
};

// A group of images in the Winograd domain, [36][tiles,width_pad].
template <typename T>
struct TileBuffers {
  Buffer<T> input;   // BᵀxB, then its gradient
  Buffer<T> output;  // AᵀYA's Y, or A·gy·Aᵀ
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
      const int64_t scalars =
          i == 0 ? plan.slice_width() : images * plan.width_pad;  // of y, for a pixel
      const auto add_buffers = [&](std::vector<BlockBuffers<T>>& to) {
        to.push_back({Buffer<T>(block.pixels() * scalars), Buffer<T>(images * plan.width_pad),
                      Buffer<T>(images * plan.width_pad),
                      Buffer<T>(images * block.pooled_pixels() * plan.width_pad)});
      };
      add_buffers(values);
      if (with_tangents) add_buffers(tangents);
      gradients.push_back({Buffer<T>(i == 0 ? plan.column_depth * plan.width_pad
                                            : kFrequencies * plan.filter_stride()),
                           Buffer<T>(plan.width_pad), Buffer<T>(plan.width_pad)});
      if (i == 0) continue;
      const int64_t group = std::min(images, plan.group_images(block));
      most_tiles = std::max(most_tiles, kFrequencies * plan.tile_stride(block, group));
    }
    columns = Buffer<T>(plan.column_depth * plan.column_stride());
    tiles = {Buffer<T>(most_tiles), Buffer<T>(most_tiles)};
    feature_gradient = Buffer<T>(images * plan.feature_pad);
    zeros = Buffer<T>(plan.width_pad);
    discard = Buffer<T>(plan.width_pad);
    if (!with_tangents) return;
    tangent_tiles = {Buffer<T>(most_tiles), Buffer<T>(most_tiles)};
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
  TileBuffers<T> tiles, tangent_tiles;
  Buffer<T> columns;             // [channels·9,column_stride], one image's
  Buffer<T> feature_gradient;    // [images,feature_pad]
  Buffer<T> column_gradient;     // [pixels,column_pad], one image's
  Buffer<T> zeros, discard;      // [width_pad]
  double loss = 0, tangent = 0;  // sums
};

}  // namespace mkdt::native
