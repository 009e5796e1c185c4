// The student of the paper, D blocks of convolution, norm, activation and pooling, and the layers
// that a block can be made of.
#pragma once

#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/nn/network.h"

namespace mkdt {

// A block has a convolution and these layers. None of them has batch statistics.
enum class Norm {
  kInstance,  // over each plane
  kGroup,     // over each quarter of an image's planes, which have to be a multiple of 4
  kLayer,     // over an image, with an affine map for every value
  kNone,
};
enum class Activation { kRelu, kLeakyRelu, kSwish, kSigmoid };
enum class Pooling { kAverage, kMax, kNone };

// The names in options and files stand in the order of the enumerators.
const std::vector<std::string>& norm_names();
const std::vector<std::string>& activation_names();
const std::vector<std::string>& pooling_names();

constexpr double kNormEps = 1e-5;
constexpr int64_t kNormGroups = 4;
constexpr double kLeakySlope = 0.01;

// Computes (x − mean)/√(variance + kNormEps)·weight + bias for x [B,C,H,W], with any order of
// derivative; weight and bias are [C], for the layer norm [C,H,W], undefined without a norm.
torch::Tensor normalise(Norm norm, const torch::Tensor& x, const torch::Tensor& weight,
                        const torch::Tensor& bias);
// Computes max(x, 0), max(x, kLeakySlope·x), x/(1 + e^−x) or 1/(1 + e^−x).
torch::Tensor activate(Activation activation, const torch::Tensor& x);
// Pools 2×2 with stride 2; an odd last row or column is dropped.
torch::Tensor pool(Pooling pooling, const torch::Tensor& x);

struct ConvNetShape {
  int64_t channels = 3;     // of the images
  int64_t image_size = 32;  // H = W; at least 2^depth, unless there is no pooling
  int64_t width = 128;      // channels of every block
  int64_t depth = 3;        // blocks; pooling halves the plane (rounding down)
  int64_t outputs = 512;    // d, the targets' dimension
  // The defaults are the paper's; other blocks are for a CPU's `autograd` engine or a GPU.
  Norm norm = Norm::kInstance;
  Activation activation = Activation::kRelu;
  Pooling pooling = Pooling::kAverage;

  // Tells whether the blocks are the paper's, for which there are fused operators and native
  // kernels.
  bool fusable() const {
    return norm == Norm::kInstance && activation == Activation::kRelu &&
           pooling == Pooling::kAverage;
  }
};

// The ConvNet of MKDT (arXiv 2410.02116, section 5 and appendix), which is the architecture of MTT
// (arXiv 2203.11932): [3×3 convolution, padding 1, bias → instance norm with affine, eps 1e-5 →
// ReLU → 2×2 average pool] × D, flatten, linear. Width 128, depth 3, 32×32 and 512 outputs make 1
// 348 608 parameters. The other norms, activations and poolings are MTT's too.
class ConvNet final : public Network {
 public:
  // Throws Error if a size is not positive or the image is too small for the depth.
  explicit ConvNet(const ConvNetShape& shape, Operators operators = Operators::kFused);

  const ConvNetShape& shape() const { return shape_; }
  torch::Tensor initialise(at::Generator& generator) const override;
  std::map<std::string, std::string> describe() const override;
  std::shared_ptr<const Network> with_operators(Operators operators) const override;

 private:
  torch::Tensor features_of(const std::vector<torch::Tensor>& parameters,
                            const torch::Tensor& images) const override;
  torch::Tensor laid_out(const torch::Tensor& images) const;
  torch::Tensor block(const torch::Tensor& x, const torch::Tensor* parameters) const;

  ConvNetShape shape_;
};

}  // namespace mkdt
