// The operators of a network's convolutions and linear layers: stock ones, or a convolution whose
// second derivatives are convolutions again, none of them on a slow path.
#pragma once

#include <torch/types.h>

namespace mkdt {

// How a filter moves over the planes.
struct ConvolutionSteps {
  static constexpr int64_t kSame = -1;

  int64_t stride = 1;
  int64_t padding = kSame;  // with zeros on every side; kSame: (k−1)/2, for an odd k
  int64_t groups = 1;       // of channels, of the input and of the output, that belong together

  int64_t padding_for(int64_t kernel) const {
    return padding == kSame ? (kernel - 1) / 2 : padding;
  }
  // Returns H' of an output plane: with kSame ⌈H/stride⌉.
  int64_t side(int64_t input, int64_t kernel) const {
    return (input + 2 * padding_for(kernel) - kernel) / stride + 1;
  }
};

// Cross-correlation. x [B,Cin,H,W], weight [Cout,Cin/groups,k,k], bias [Cout] or undefined →
// [B,Cout,H',W']. Throws std::invalid_argument for an even k with kSame.
//
// Twice differentiable and more: ⟨ȳ, convolution(x, w)⟩ is linear in ȳ, x and w, so every
// derivative of any order is one of three operators (forward, gradient of the input, gradient of
// the weight), where PyTorch derives the weight's second derivative from transposed copies of whole
// batches, and with groups from a loop over them. Any device; gradients that nobody asked for are
// not computed.
torch::Tensor convolution(const torch::Tensor& x, const torch::Tensor& weight,
                          const torch::Tensor& bias = {}, const ConvolutionSteps& steps = {});

// Chooses how a network's convolutions and linear layers are computed.
enum class Operators {
  kStock,     // PyTorch's
  kFused,     // ours (nn/ops), with fast second derivatives, and no third; the same up to rounding
  kBfloat16,  // ours, the factors of every product rounded to bfloat16: for GPUs with units for it
};

// Cross-correlation, as `convolution` has it. x [B,Cin,H,W], weight [Cout,Cin/groups,k,k], bias
// [Cout] or undefined → [B,Cout,H',W'], of x's dtype.
torch::Tensor convolve(Operators operators, const torch::Tensor& x, const torch::Tensor& weight,
                       const torch::Tensor& bias = {}, const ConvolutionSteps& steps = {});
// Maps x [...,F] by weight [d,F] and bias [d] to [...,d].
torch::Tensor apply_linear(Operators operators, const torch::Tensor& x, const torch::Tensor& weight,
                           const torch::Tensor& bias);

}  // namespace mkdt
