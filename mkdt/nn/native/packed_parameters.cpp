#include "mkdt/nn/native/packed_parameters.h"

#include <algorithm>

#include "mkdt/base/threads.h"

namespace mkdt::native {

template <typename T>
PackedParameters<T>::PackedParameters(const ConvNetPlan& plan, const Kernels<T>& kernels)
    : plan_(plan), kernels_(kernels), blocks_(plan.blocks.size()) {
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const bool first = i == 0;
    Block& block = blocks_[i];
    block.filter =
        Buffer<T>(first ? plan.column_depth * plan.width_pad : kFrequencies * plan.filter_stride());
    block.filter_adjoint =
        Buffer<T>(first ? plan.width_pad * plan.column_pad : kFrequencies * plan.filter_stride());
    block.gamma = Buffer<T>(plan.width_pad);
    block.beta = Buffer<T>(plan.width_pad);
  }
  head_transposed_ = Buffer<T>(plan.features * plan.output_pad);
  head_bias_ = Buffer<T>(plan.output_pad);
  if (plan.features != plan.feature_pad) head_copy_ = Buffer<T>(plan.outputs * plan.feature_pad);
}

template <typename T>
void PackedParameters<T>::pack(const T* theta) {
  Parts parts;  // all at once: threads meet but once
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const BlockPlan& plan = plan_.blocks[i];
    if (i == 0) {
      parts.emplace_back([this, weight = theta + plan.weight] { pack_first(weight); });
    } else {
      add_filter(plan, theta + plan.weight, blocks_[i], parts);
    }
    std::copy_n(theta + plan.gamma, plan_.width, blocks_[i].gamma.data());
    std::copy_n(theta + plan.beta, plan_.width, blocks_[i].beta.data());
  }
  add_head(theta + plan_.head_weight, theta + plan_.head_bias, parts);
  share_out(static_cast<int64_t>(parts.size()),
            [&](int64_t part, int64_t /*thread*/) { parts[static_cast<size_t>(part)](); });
}

// weight [width, channels·9]
template <typename T>
void PackedParameters<T>::pack_first(const T* weight) {
  Block& block = blocks_.front();
  for (int64_t k = 0; k < plan_.width; ++k) {
    const T* const row = weight + k * plan_.column_depth;
    std::copy_n(row, plan_.column_depth, block.filter_adjoint.data() + k * plan_.column_pad);
    for (int64_t i = 0; i < plan_.column_depth; ++i) {
      block.filter.data()[i * plan_.width_pad + k] = row[i];
    }
  }
}

// weight [width, inputs, 9]. Some channels at a time, whose weights are read where they lie side by
// side.
template <typename T>
void PackedParameters<T>::add_filter(const BlockPlan& plan, const T* weight, Block& block,
                                     Parts& parts) const {
  static constexpr int64_t kChannels = 8;
  const int64_t pad = plan_.width_pad, stride = plan_.filter_stride();
  const int64_t row = plan.inputs * 9;
  for (int64_t begin = 0; begin < plan.inputs; begin += kChannels) {
    parts.emplace_back([this, weight, begin, pad, stride, row, &plan, &block] {
      const int64_t count = std::min(kChannels, plan.inputs - begin);
      Buffer<T> taps(count * 9 * pad);  // [count,9,pad]
      for (int64_t k = 0; k < plan_.width; ++k) {
        const T* const from = weight + k * row + begin * 9;
        for (int64_t t = 0; t < count * 9; ++t) taps.data()[t * pad + k] = from[t];
      }
      for (int64_t c = 0; c < count; ++c) {
        kernels_.filter_transform(taps.data() + c * 9 * pad, pad,
                                  block.filter.data() + (begin + c) * pad, stride);
      }
    });
  }
  for (int64_t begin = 0; begin < plan_.width; begin += kChannels) {
    parts.emplace_back([this, weight, begin, pad, stride, row, &plan, &block] {
      Buffer<T> taps(9 * pad);
      for (int64_t k = begin; k < std::min(begin + kChannels, plan_.width); ++k) {
        for (int64_t c = 0; c < plan.inputs; ++c) {
          for (int64_t t = 0; t < 9; ++t) taps.data()[t * pad + c] = weight[k * row + c * 9 + t];
        }
        kernels_.filter_transform(taps.data(), pad, block.filter_adjoint.data() + k * pad, stride);
      }
    });
  }
}

// weight [outputs, features]
template <typename T>
void PackedParameters<T>::add_head(const T* weight, const T* bias, Parts& parts) {
  constexpr int64_t kOutputs = 16;  // a cache line of float
  for (int64_t first = 0; first < plan_.outputs; first += kOutputs) {
    parts.emplace_back([this, weight, first] {
      const int64_t last = std::min(first + kOutputs, plan_.outputs);
      for (int64_t f = 0; f < plan_.features; ++f) {
        T* const to = head_transposed_.data() + f * plan_.output_pad;
        for (int64_t o = first; o < last; ++o) to[o] = weight[o * plan_.features + f];
      }
    });
  }
  std::copy_n(bias, plan_.outputs, head_bias_.data());
  head_row_ = plan_.feature_pad;
  head_ = weight;
  if (plan_.features == plan_.feature_pad) return;
  for (int64_t o = 0; o < plan_.outputs; ++o) {
    std::copy_n(weight + o * plan_.features, plan_.features,
                head_copy_.data() + o * plan_.feature_pad);
  }
  head_ = head_copy_.data();
}

template class PackedParameters<float>;
template class PackedParameters<double>;

}  // namespace mkdt::native
