// A layer's weights as the kernels take them, and their gradient back.
#pragma once

#include <cstdint>
#include <vector>

#include "mkdt/nn/native/buffer.h"
#include "mkdt/nn/residual/kernels.h"
#include "mkdt/nn/residual/network_plan.h"

namespace mkdt::residual {

using native::Buffer;

// The weights of a product's runs, as StripProduct wants them, rounded to V. What is a padded
// channel stays zero.
template <typename V>
class PackedWeights {
 public:
  PackedWeights() = default;
  // For the convolution itself, columns being output channels, or for its adjoint, columns being
  // input channels.
  PackedWeights(const Layer& layer, std::vector<TapRun> runs, bool adjoint);

  // weights [out,in,kernel,kernel]
  void pack(const SumOf<V>* weights, const Kernels<V>& kernels);

  const V* run(size_t i) const { return values_.data() + begins_[i]; }
  int64_t depth(size_t i) const { return depths_[i]; }

 private:
  int64_t in_, out_, kernel_;
  bool adjoint_;
  int64_t per_tap_, columns_;
  std::vector<TapRun> runs_;
  std::vector<int64_t> begins_, depths_;
  Buffer<V> values_;
};

// The blocks of Correlation that make up a layer's weight gradient, for a group of so many images:
// kernel's taps one after the other, channels within them.
std::vector<int64_t> correlation_blocks(const Layer& layer, int64_t images);

// gradient [out,in,kernel,kernel] ← the sum of all shares' sums of those blocks, each
// [out_pad/16,blocks,16,16]
template <typename S>
void unpack_gradient(const Layer& layer, const std::vector<const S*>& shares, S* gradient);

}  // namespace mkdt::residual
