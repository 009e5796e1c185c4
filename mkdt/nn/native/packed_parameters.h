// θ, or a direction in its space, in the forms that the kernels read.
#pragma once

#include <functional>
#include <vector>

#include "mkdt/nn/native/buffer.h"
#include "mkdt/nn/native/convnet_plan.h"

namespace mkdt::native {

template <typename T>
class PackedParameters {
 public:
  PackedParameters(const ConvNetPlan& plan, const Kernels<T>& kernels);

  // theta [P] has to stay alive as long as the packed form is read.
  void pack(const T* theta);

  struct Block {
    // GwGᵀ and its transpose, [36][width_pad,width_pad], filter_stride() apart; in the first block
    // [channels·9,width_pad] and [width_pad,column_pad].
    Buffer<T> filter, filter_adjoint;
    Buffer<T> gamma, beta;  // [width_pad]
  };
  const Block& block(size_t index) const { return blocks_[index]; }
  const T* head_transposed() const { return head_transposed_.data(); }  // [features,output_pad]
  const T* head() const { return head_; }  // [outputs,features], rows head_row() apart
  int64_t head_row() const { return head_row_; }
  const T* head_bias() const { return head_bias_.data(); }  // [output_pad]

 private:
  using Parts = std::vector<std::function<void()>>;  // of the packing, to be done in any order

  void pack_first(const T* weight);
  void add_filter(const BlockPlan& plan, const T* weight, Block& block, Parts& parts) const;
  void add_head(const T* weight, const T* bias, Parts& parts);

  const ConvNetPlan& plan_;
  const Kernels<T>& kernels_;
  std::vector<Block> blocks_;
  Buffer<T> head_transposed_, head_copy_, head_bias_;
  const T* head_ = nullptr;
  int64_t head_row_ = 0;
};

}  // namespace mkdt::native
