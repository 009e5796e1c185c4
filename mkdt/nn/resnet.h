// The teachers' architecture: ResNet-18 with the stem for small images.
#pragma once

#include <memory>

#include <ATen/Generator.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>

namespace mkdt {

class Convolution;

struct ResNetShape {
  int64_t image_size = 32;  // H = W; at least 8
  int64_t width = 64;       // channels of the first stage
};

// arXiv 1512.03385, table 1, with basic blocks 2-2-2-2 of width, 2·width, 4·width and 8·width
// channels, and SimCLR's stem for small images (arXiv 2002.05709, appendix B.9): a 3×3 convolution
// of stride 1; the max-pool stays for images of 64 pixels and more. Three input channels.
// Parameters and buffers have torchvision's names. Batch norm: the mode (train() or eval())
// matters.
class ResNet : public torch::nn::Module {
 public:
  // He initialisation (normal, fan-out) drawn from `generator`.
  ResNet(const ResNetShape& shape, at::Generator& generator);

  const ResNetShape& shape() const { return shape_; }
  int64_t feature_dim() const { return 8 * shape_.width; }
  // [B,3,H,W] → the global average pool of the last stage, [B,8·width], in the parameters' type.
  // Convolutions work in the images' type: bfloat16 images give mixed precision.
  torch::Tensor features(const torch::Tensor& images);

 private:
  ResNetShape shape_;
  std::shared_ptr<Convolution> conv1_;
  torch::nn::BatchNorm2d bn1_{nullptr};
  torch::nn::Sequential stages_[4] = {nullptr, nullptr, nullptr, nullptr};
};

}  // namespace mkdt
