// ResNets as teachers, with the stem that suits the images' size.
#pragma once

#include <memory>

#include <ATen/Generator.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>

#include "mkdt/nn/backbones/backbone.h"

namespace mkdt {

class Convolution;
class ResNetTraining;

struct ResNetShape {
  int64_t image_size = 32;  // H = W; at least 8
  int64_t width = 64;       // channels of the first stage
  int64_t layers = 18;      // 10, 18 and 34 have basic blocks, 50 has bottlenecks
};

// Has four stages of blocks of width, 2·width, 4·width and 8·width channels (arXiv 1512.03385,
// table 1); ResNet-10 has one block a stage. A bottleneck ends in four times as many channels, and
// strides in its 3×3 convolution, as torchvision's does. The stem for images below 96 pixels is
// SimCLR's for small ones (arXiv 2002.05709, appendix B.9): a 3×3 convolution of stride 1; from 96
// pixels on it is the paper's 7×7 convolution of stride 2. The max-pool is there from 64 pixels on.
// Parameters and buffers have torchvision's names.
class ResNet final : public Backbone {
 public:
  // Draws the He initialisation (normal, fan-out) from `generator`. Throws Error for a size or a
  // number of layers that is not one of these.
  ResNet(const ResNetShape& shape, at::Generator& generator);
  ~ResNet() override;

  int64_t image_size() const override { return shape_.image_size; }
  int64_t feature_dim() const override;
  // Returns the global average pool of the last stage, [B,F].
  // In training, bfloat16 images on a CPU with matrix units go through kernels of our own
  // (resnet_training.h).
  torch::Tensor features(const torch::Tensor& images) override;
  torch::Tensor stock_features(const torch::Tensor& images) override;

 private:
  // Tells whether resnet_training.h has kernels for this network and these images.
  bool has_kernels_for(const torch::Tensor& images) const;

  ResNetShape shape_;
  std::shared_ptr<Convolution> conv1_;
  torch::nn::BatchNorm2d bn1_{nullptr};
  torch::nn::Sequential stages_[4] = {nullptr, nullptr, nullptr, nullptr};
  std::unique_ptr<ResNetTraining> training_;  // made when it is first needed
};

}  // namespace mkdt
