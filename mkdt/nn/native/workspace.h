// The memory that one thread needs for the sweeps over one micro-batch.
#pragma once

#include <algorithm>
#include <vector>

#include "mkdt/nn/native/buffer.h"
#include "mkdt/nn/native/convnet_plan.h"

namespace mkdt::native {

// One block's value and, where the sweep has tangents, tangent.
template <typename T>
struct BlockBuffers {
  Buffer<T> y;           // the convolution, ŷ, ∂/∂y: [images,pixels,width_pad]
  Buffer<T> mean, rstd;  // [images,width_pad]
  Buffer<T> pooled;      // the pooled plane, then its gradient: [images,pooled_pixels,width_pad]
};

// The first block keeps of all images only the part that the way back needs, and everything else
// of the present one. The `*_dot` are there where the sweep has tangents.
template <typename T>
struct FirstBlockBuffers {
  FirstBlockBuffers(const ConvNetPlan& plan, int64_t images, bool with_tangents)
      : covariance(images * plan.column_depth * plan.column_depth),
        rstd(images * plan.width_pad),
        positive(images * plan.blocks[0].pooled_pixels() * plan.width_pad),
        columns(plan.column_depth * plan.column_stride()),
        band(plan.band_scalars()),
        folded(plan.column_depth * plan.width_pad),
        correlated(plan.column_depth * plan.width_pad),
        gradient(plan.column_depth * plan.width_pad),
        t(plan.width_pad) {
    if (!with_tangents) return;
    rstd_dot = rstd;
    band_dot = band;
    folded_dot = correlated_dot = gradient_dot = folded;
    folded_adjoint = folded_adjoint_dot = Buffer<T>(plan.width_pad * plan.column_pad);
    column_gradient = Buffer<T>(plan.blocks[0].pixels() * plan.column_pad);
    column_matrix = Buffer<T>(plan.column_depth * plan.column_pad);
    column_mean = Buffer<T>(plan.column_depth);
    t_dot = q = q_dot = t;
  }

  Buffer<T> covariance;      // [images,channels·9,channels·9]
  Buffer<T> rstd, rstd_dot;  // [images,width_pad]
  Buffer<uint8_t> positive;  // [images,pooled_pixels,width_pad]

  Buffer<T> columns;                             // [channels·9,column_stride]
  Buffer<T> band, band_dot;                      // z or its gradient: [pixels,width_pad]
  Buffer<T> folded, folded_dot;                  // [channels·9,width_pad], as are these:
  Buffer<T> correlated, correlated_dot;          // covariance·filter
  Buffer<T> gradient, gradient_dot;              // of the folded filter
  Buffer<T> folded_adjoint, folded_adjoint_dot;  // [width_pad,column_pad]
  Buffer<T> column_gradient;                     // its tangent: [pixels,column_pad]
  Buffer<T> column_matrix;                       // [channels·9,column_pad]
  Buffer<T> column_mean;                         // [channels·9]
  Buffer<T> t, t_dot, q, q_dot;                  // of FoldedFilter: [width_pad]
};

// A group of images in the Winograd domain, [36][tiles,width_pad].
template <typename T>
struct TileBuffers {
  Buffer<T> input;   // BᵀxB, then its gradient
  Buffer<T> output;  // AᵀYA's Y, or A·gy·Aᵀ
};

// One block's gradients, in the form that the kernels produce.
template <typename T>
struct BlockGradients {
  Buffer<T> filter;       // as PackedParameters::Block::filter
  Buffer<T> gamma, beta;  // [width_pad]
};

// Sums over the images of a share of the batch (base/threads.h).
template <typename T>
struct ShareSums {
  explicit ShareSums(const ConvNetPlan& plan) {
    for (size_t i = 0; i < plan.blocks.size(); ++i) {
      gradients.push_back({Buffer<T>(i == 0 ? plan.column_depth * plan.width_pad
                                            : kFrequencies * plan.filter_stride()),
                           Buffer<T>(plan.width_pad), Buffer<T>(plan.width_pad)});
    }
  }

  void clear() {
    for (BlockGradients<T>& block : gradients) {
      block.filter.clear();
      block.gamma.clear();
      block.beta.clear();
    }
    loss = tangent = 0;
  }

  std::vector<BlockGradients<T>> gradients;  // or their tangents
  double loss = 0, tangent = 0;
};

template <typename T>
struct Workspace {
  Workspace(const ConvNetPlan& plan, int64_t images, bool with_tangents)
      : first(plan, images, with_tangents) {
    int64_t most_tiles = 0;
    for (size_t i = 0; i < plan.blocks.size(); ++i) {
      const BlockPlan& block = plan.blocks[i];
      const bool planes = i > 0;  // the first block has its own
      const auto add_buffers = [&](std::vector<BlockBuffers<T>>& to) {
        const int64_t channels = images * plan.width_pad;
        to.push_back({Buffer<T>(planes ? block.pixels() * channels : 0),
                      Buffer<T>(planes ? channels : 0), Buffer<T>(planes ? channels : 0),
                      Buffer<T>(block.pooled_pixels() * channels)});
      };
      add_buffers(values);
      if (with_tangents) add_buffers(tangents);
      if (i == 0) continue;
      const int64_t group = std::min(images, plan.group_images(block));
      most_tiles = std::max(most_tiles, kFrequencies * plan.tile_stride(block, group));
    }
    tiles = {Buffer<T>(most_tiles), Buffer<T>(most_tiles)};
    if (with_tangents) tangent_tiles = {Buffer<T>(most_tiles), Buffer<T>(most_tiles)};
    feature_gradient = Buffer<T>(images * plan.feature_pad);
    zeros = Buffer<T>(plan.width_pad);
    discard = Buffer<T>(plan.width_pad);
  }

  FirstBlockBuffers<T> first;
  std::vector<BlockBuffers<T>> values, tangents;
  ShareSums<T>* sums = nullptr;  // of the share in work
  TileBuffers<T> tiles, tangent_tiles;
  Buffer<T> feature_gradient;  // [images,feature_pad]
  Buffer<T> zeros, discard;    // [width_pad]
};

}  // namespace mkdt::native
