// ResNet-10 and ResNet-18 as students: instance norm in the place of batch norm.
#pragma once

#include <vector>

#include "mkdt/nn/network.h"

namespace mkdt {

struct ResidualNetShape {
  int64_t channels = 3;     // of the images
  int64_t image_size = 32;  // H = W; at least 16
  int64_t width = 64;       // channels of the first stage
  int64_t blocks = 2;       // of each of the four stages: 1 for ResNet-10, 2 for ResNet-18
  int64_t outputs = 512;    // d
};

// arXiv 1512.03385, table 1, with basic blocks, in stages of width, 2·width, 4·width and 8·width
// channels, with a stem for small images (a 3×3 convolution of stride 1), instance norm with affine
// behind every convolution, global average pooling, a linear head. There are no batch statistics,
// so that it can be a student of any engine but `native`.
class ResidualNet final : public Network {
 public:
  // Throws Error if a size is out of range.
  explicit ResidualNet(const ResidualNetShape& shape, Operators operators = Operators::kFused);

  int64_t channels() const override { return shape_.channels; }
  int64_t image_size() const override { return shape_.image_size; }
  int64_t feature_dim() const override { return 8 * shape_.width; }
  int64_t output_dim() const override { return shape_.outputs; }

  torch::Tensor features(const torch::Tensor& theta, const torch::Tensor& images) const override;
  torch::Tensor outputs(const torch::Tensor& theta, const torch::Tensor& images) const override;
  torch::Tensor initialise(at::Generator& generator) const override;
  std::map<std::string, std::string> describe() const override;
  std::shared_ptr<const Network> with_operators(Operators operators) const override;

 private:
  torch::Tensor features(const std::vector<torch::Tensor>& parameters,
                         const torch::Tensor& images) const;
  // Convolution and norm, p: weight, norm weight and bias.
  torch::Tensor unit(const torch::Tensor& x, const torch::Tensor* p, int64_t stride) const;

  ResidualNetShape shape_;
  Operators operators_;
};

}  // namespace mkdt
