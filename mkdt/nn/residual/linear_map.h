// A linear map whose products have bfloat16 factors and float32 sums, and its gradient.
#pragma once

#include <torch/types.h>

#include "mkdt/nn/residual/kernels.h"
#include "mkdt/nn/residual/packed_weights.h"
#include "mkdt/nn/residual/workspace.h"

namespace mkdt::residual {

// Only one thread may use it at a time. Its memory is kept from call to call.
class LinearMap {
 public:
  LinearMap(int64_t in, int64_t out, Isa isa);

  // Returns x·Wᵀ [B,out] of x [B,in] and W [out,in], all float32 on the CPU. Values that are not
  // finite spread to all of a result.
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& weight);

  struct Gradients {
    torch::Tensor x, weight;
  };
  Gradients backward(const torch::Tensor& x, const torch::Tensor& weight,
                     const torch::Tensor& gradient);

 private:
  // rounded [rows,channels padded] ← values [rows,channels]
  const Bf16* round_rows(const torch::Tensor& values, int64_t padded_channels,
                         Buffer<Bf16>& rounded) const;
  torch::Tensor multiply(const Bf16* rows, int64_t count, const PackedWeights<Bf16>& weights,
                         int64_t step, int64_t columns, int64_t columns_pad);

  Layer layer_;  // of one pixel
  const Kernels<Bf16>& kernels_;
  PackedWeights<Bf16> forward_, adjoint_;
  Buffer<Bf16> inputs_, gradients_, room_;
  Buffer<float> products_, sums_;
};

}  // namespace mkdt::residual
