#include "mkdt/nn/backbones/resnet.h"

#include <array>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/nn/backbones/mixed_precision.h"
#include "mkdt/nn/backbones/resnet_training.h"

namespace mkdt {
namespace nn = torch::nn;

namespace {

constexpr int64_t kMaxPoolFrom = 64;    // pixels
constexpr int64_t kLargeStemFrom = 96;  // pixels
constexpr int64_t kExpansion = 4;       // of a bottleneck's last convolution

struct Layers {
  std::array<int64_t, 4> blocks;
  bool bottleneck;
};

Layers layers_of(int64_t layers) {
  switch (layers) {
    case 10:
      return {{1, 1, 1, 1}, false};
    case 18:
      return {{2, 2, 2, 2}, false};
    case 34:
      return {{3, 4, 6, 3}, false};
    case 50:
      return {{3, 4, 6, 3}, true};
    default:
      throw Error(fmt::format("resnet: expected 10, 18, 34 or 50 layers, got {}", layers));
  }
}

// Convolutions with a batch norm each, ReLU between them, added to the shortcut.
class Block : public nn::Module {
 public:
  // Has two 3×3 convolutions, or 1×1, 3×3 and 1×1 ones to four times `channels`.
  Block(int64_t in, int64_t channels, int64_t stride, bool bottleneck, at::Generator& generator) {
    const int64_t out = bottleneck ? kExpansion * channels : channels;
    if (bottleneck) {
      add(in, channels, 1, 1, generator);
      add(channels, channels, 3, stride, generator);
      add(channels, out, 1, 1, generator);
    } else {
      add(in, channels, 3, stride, generator);
      add(channels, channels, 3, 1, generator);
    }
    if (stride == 1 && in == out) return;
    downsample_->push_back(Convolution(in, out, 1, stride, generator));
    downsample_->push_back(nn::BatchNorm2d(out));
    register_module("downsample", downsample_);
  }

  torch::Tensor forward(const torch::Tensor& x) {
    torch::Tensor y = x;
    for (size_t i = 0; i + 1 < convolutions_.size(); ++i) {
      y = norms_[i](convolutions_[i]->forward(y)).relu_();
    }
    const torch::Tensor shortcut = downsample_->is_empty() ? x : downsample_->forward(x);
    return norms_.back()(convolutions_.back()->forward(y)).add_(shortcut).relu_();
  }

 private:
  void add(int64_t in, int64_t out, int64_t kernel, int64_t stride, at::Generator& generator) {
    const size_t number = convolutions_.size() + 1;
    convolutions_.push_back(
        register_module(fmt::format("conv{}", number),
                        std::make_shared<Convolution>(in, out, kernel, stride, generator)));
    norms_.push_back(register_module(fmt::format("bn{}", number), nn::BatchNorm2d(out)));
  }

  std::vector<std::shared_ptr<Convolution>> convolutions_;
  std::vector<nn::BatchNorm2d> norms_;
  nn::Sequential downsample_;  // empty: the identity
};

}  // namespace

ResNet::ResNet(const ResNetShape& shape, at::Generator& generator) : shape_(shape) {
  if (shape.width < 1 || shape.image_size < 8) {
    throw Error(
        fmt::format("resnet{}: expected a width of at least 1 and images of at least 8 "
                    "pixels, got width {} and {} pixels",
                    shape.layers, shape.width, shape.image_size));
  }
  const Layers layers = layers_of(shape.layers);
  const bool large_stem = shape.image_size >= kLargeStemFrom;
  conv1_ =
      register_module("conv1", std::make_shared<Convolution>(3, shape.width, large_stem ? 7 : 3,
                                                             large_stem ? 2 : 1, generator));
  bn1_ = register_module("bn1", nn::BatchNorm2d(shape.width));
  int64_t in = shape.width;
  for (int64_t i = 0; i < 4; ++i) {
    const int64_t channels = shape.width << i;
    nn::Sequential blocks;
    for (int64_t j = 0; j < layers.blocks[i]; ++j) {
      const int64_t stride = i > 0 && j == 0 ? 2 : 1;
      blocks->push_back(Block(in, channels, stride, layers.bottleneck, generator));
      in = layers.bottleneck ? kExpansion * channels : channels;
    }
    stages_[i] = register_module(fmt::format("layer{}", i + 1), blocks);
  }
}

int64_t ResNet::feature_dim() const {
  return (layers_of(shape_.layers).bottleneck ? kExpansion : 1) * 8 * shape_.width;
}

ResNet::~ResNet() = default;

bool ResNet::has_kernels_for(const torch::Tensor& images) const {
  return !stock_only && is_training() && images.is_cpu() &&
         images.scalar_type() == torch::kBFloat16 &&
         bn1_->weight.scalar_type() == torch::kFloat32 && shape_.image_size < kMaxPoolFrom &&
         images.size(0) > 1 && !layers_of(shape_.layers).bottleneck && ResNetTraining::available();
}

torch::Tensor ResNet::features(const torch::Tensor& images) {
  if (!has_kernels_for(images)) return stock_features(images);
  if (training_ == nullptr) {
    training_ = std::make_unique<ResNetTraining>(
        residual::NetworkShape{shape_.image_size, shape_.width, layers_of(shape_.layers).blocks});
  }
  std::vector<std::shared_ptr<nn::BatchNorm2dImpl>> norms;
  for (const std::shared_ptr<nn::Module>& module : modules(/*include_self=*/false)) {
    if (auto norm = std::dynamic_pointer_cast<nn::BatchNorm2dImpl>(module)) norms.push_back(norm);
  }
  return training_->features(images, parameters(), norms);
}

torch::Tensor ResNet::stock_features(const torch::Tensor& images) {
  // oneDNN's channels-last kernels need no reordering between layers.
  torch::Tensor x = images.contiguous(at::MemoryFormat::ChannelsLast);
  x = bn1_(conv1_->forward(x)).relu_();
  if (shape_.image_size >= kMaxPoolFrom) x = at::max_pool2d(x, 3, 2, 1);
  for (nn::Sequential& blocks : stages_) x = blocks->forward(x);
  return x.mean({2, 3}, false, bn1_->weight.scalar_type());
}

}  // namespace mkdt
