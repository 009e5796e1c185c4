// The memory with which a thread works on a group of images, and what a share of the batch sums up.
#pragma once

#include <algorithm>
#include <vector>

#include "mkdt/nn/native/buffer.h"
#include "mkdt/nn/residual/kernels.h"
#include "mkdt/nn/residual/network_plan.h"
#include "mkdt/nn/residual/packed_weights.h"

namespace mkdt::residual {

using native::Buffer;

// A group of images in a layout, whose padding is zero.
template <typename V>
class PaddedPlanes {
 public:
  // Makes room, of zeros where the last group had another layout.
  void lay_out(const Geometry& geometry, int64_t channels, int64_t images) {
    const int64_t size = geometry.size(images) * channels;
    const bool same = geometry.height == geometry_.height && geometry.width == geometry_.width &&
                      geometry.stride == geometry_.stride && channels == channels_ &&
                      images == images_;
    geometry_ = geometry;
    channels_ = channels;
    images_ = images;
    if (same) return;
    if (values_.size() < size) {
      values_ = Buffer<V>(size);
    } else {
      std::fill_n(values_.data(), size, V{});
    }
  }

  V* row(int64_t image, int64_t y) {
    return values_.data() + geometry_.index(images_, image, y) * channels_;
  }
  const V* data() const { return values_.data(); }
  int64_t pixels() const { return geometry_.size(images_); }

 private:
  Geometry geometry_{};
  int64_t channels_ = 0, images_ = 0;
  Buffer<V> values_;
};

// Grows to what is asked for; its contents are not kept.
template <typename T>
T* room(Buffer<T>& buffer, int64_t size) {
  if (buffer.size() < size) buffer = Buffer<T>(size);
  return buffer.data();
}

// What the products of a layer over a group of images need to know of its layout.
class GroupPlan {
 public:
  // Makes the plan, unless it is the present one.
  void make(const Layer& layer, int64_t images) {
    if (layer_ == &layer && images_ == images) return;
    layer_ = &layer;
    images_ = images;
    runs = layer.geometry.runs(images);
    blocks = correlation_blocks(layer, images);
  }

  std::vector<TapRun> runs;
  std::vector<int64_t> blocks;  // of Correlation

 private:
  const Layer* layer_ = nullptr;
  int64_t images_ = 0;
};

// A block's first layer and its shortcut take the same input: the second of two is the shortcut's.
template <typename V>
struct Workspace {
  PaddedPlanes<V> values, gradients[2];
  GroupPlan plans[2];
  Buffer<SumOf<V>> products;  // of a strip, [places,channels]
  Buffer<V> correlation;
  Buffer<SumOf<V>> sums;  // of a group, over its pixels: [kinds of sums,channels]
};

// Sums over the images of a share, added up share by share.
template <typename V>
struct ShareSums {
  std::vector<double> channels;          // [kinds of sums,channels]
  Buffer<SumOf<V>> weight_gradients[2];  // of Correlation
};

}  // namespace mkdt::residual
