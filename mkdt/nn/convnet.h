// The student of the paper: D blocks of convolution, instance norm, ReLU and average pooling.
#pragma once

#include <vector>

#include "mkdt/nn/network.h"

namespace mkdt {

struct ConvNetShape {
  int64_t channels = 3;     // of the images
  int64_t image_size = 32;  // H = W; at least 2^depth
  int64_t width = 128;      // channels of every block
  int64_t depth = 3;        // blocks; each halves the plane (rounding down)
  int64_t outputs = 512;    // d, the targets' dimension
};

// MKDT (arXiv 2410.02116), section 5 and appendix; the architecture of MTT (arXiv 2203.11932):
// [3×3 convolution, padding 1, bias → instance norm with affine, eps 1e-5 → ReLU → 2×2 average
// pool] × D, flatten, linear. Width 128, depth 3, 32×32, 512 outputs: 1 348 608 parameters.
class ConvNet final : public Network {
 public:
  static constexpr double kNormEps = 1e-5;

  // Throws Error if a size is not positive or the image is too small for the depth.
  explicit ConvNet(const ConvNetShape& shape, Operators operators = Operators::kFused);

  const ConvNetShape& shape() const { return shape_; }
  Operators operators() const { return operators_; }
  int64_t channels() const override { return shape_.channels; }
  int64_t image_size() const override { return shape_.image_size; }
  int64_t feature_dim() const override;
  int64_t output_dim() const override { return shape_.outputs; }

  torch::Tensor features(const torch::Tensor& theta, const torch::Tensor& images) const override;
  torch::Tensor outputs(const torch::Tensor& theta, const torch::Tensor& images) const override;
  torch::Tensor initialise(at::Generator& generator) const override;
  std::map<std::string, std::string> describe() const override;
  std::shared_ptr<const Network> with_operators(Operators operators) const override;

 private:
  torch::Tensor features(const std::vector<torch::Tensor>& parameters,
                         const torch::Tensor& images) const;

  ConvNetShape shape_;
  Operators operators_;
};

}  // namespace mkdt
