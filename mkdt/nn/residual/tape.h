// What a forward pass leaves: for the way back, and for the running statistics.
#pragma once

#include <vector>

#include "mkdt/nn/native/buffer.h"
#include "mkdt/nn/residual/kernels.h"
#include "mkdt/nn/residual/network_plan.h"

namespace mkdt::residual {

using native::Buffer;

// A layer's convolution before its norm, and the norm: (y − mean)·rstd·gamma + beta = scale·y +
// shift.
template <typename V>
struct LayerTape {
  LayerTape(const Layer& layer, int64_t images)
      : y(images * layer.geometry.out_pixels() * layer.out_pad),
        mean(layer.out_pad),
        variance(layer.out_pad),
        rstd(layer.out_pad),
        scale(layer.out_pad),
        shift(layer.out_pad) {}

  Buffer<V> y;                                          // [images,pixels,out_pad]
  Buffer<SumOf<V>> mean, variance, rstd, scale, shift;  // [out_pad]; variance over all, biased
};

template <typename V>
struct Tape {
  Tape(const NetworkPlan& plan, int64_t count) : images(count) {
    const Layer& stem = plan.layers.front();
    input = Buffer<V>(count * stem.geometry.pixels() * stem.in_pad);
    for (const Layer& layer : plan.layers) layers.emplace_back(layer, count);
    for (const Block& block : plan.blocks) {
      const Layer& first = plan.layers[block.first];
      planes.emplace_back(count * first.geometry.pixels() * first.in_pad);
    }
    const Layer& last = plan.last_layer();
    planes.emplace_back(count * last.geometry.out_pixels() * last.out_pad);
  }

  int64_t images;
  Buffer<V> input;                   // [images,pixels,in_pad of the stem]
  std::vector<LayerTape<V>> layers;  // the plan's
  std::vector<Buffer<V>> planes;  // [images,pixels,channels]: what block i takes; the last's output
};

}  // namespace mkdt::residual
