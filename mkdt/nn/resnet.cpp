#include "mkdt/nn/resnet.h"

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/nn/typed_layers.h"

namespace mkdt {
namespace nn = torch::nn;
namespace {

constexpr int64_t kMaxPoolFrom = 64;  // pixels: larger images keep the stem's max-pool

class BasicBlock : public nn::Module {
 public:
  BasicBlock(int64_t in, int64_t out, int64_t stride, at::Generator& generator)
      : conv1_(
            register_module("conv1", std::make_shared<Convolution>(in, out, 3, stride, generator))),
        bn1_(register_module("bn1", nn::BatchNorm2d(out))),
        conv2_(register_module("conv2", std::make_shared<Convolution>(out, out, 3, 1, generator))),
        bn2_(register_module("bn2", nn::BatchNorm2d(out))) {
    if (stride == 1 && in == out) return;
    downsample_->push_back(Convolution(in, out, 1, stride, generator));
    downsample_->push_back(nn::BatchNorm2d(out));
    register_module("downsample", downsample_);
  }

  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor y = bn1_(conv1_->forward(x)).relu_();
    const torch::Tensor shortcut = downsample_->is_empty() ? x : downsample_->forward(x);
    return bn2_(conv2_->forward(y)).add_(shortcut).relu_();
  }

 private:
  std::shared_ptr<Convolution> conv1_;
  nn::BatchNorm2d bn1_;
  std::shared_ptr<Convolution> conv2_;
  nn::BatchNorm2d bn2_;
  nn::Sequential downsample_;  // empty: the identity
};

nn::Sequential stage(int64_t in, int64_t out, int64_t stride, at::Generator& generator) {
  nn::Sequential blocks;
  blocks->push_back(BasicBlock(in, out, stride, generator));
  blocks->push_back(BasicBlock(out, out, 1, generator));
  return blocks;
}

}  // namespace

ResNet::ResNet(const ResNetShape& shape, at::Generator& generator) : shape_(shape) {
  if (shape.width < 1 || shape.image_size < 8) {
    throw Error(
        fmt::format("resnet18: expected a width of at least 1 and images of at least 8 "
                    "pixels, got width {} and {} pixels",
                    shape.width, shape.image_size));
  }
  const int64_t w = shape.width;
  conv1_ = register_module("conv1", std::make_shared<Convolution>(3, w, 3, 1, generator));
  bn1_ = register_module("bn1", nn::BatchNorm2d(w));
  for (int64_t i = 0; i < 4; ++i) {
    const int64_t in = i == 0 ? w : w << (i - 1);
    const int64_t stride = i == 0 ? 1 : 2;
    stages_[i] =
        register_module(fmt::format("layer{}", i + 1), stage(in, w << i, stride, generator));
  }
}

torch::Tensor ResNet::features(const torch::Tensor& images) {
  // oneDNN's channels-last kernels need no reordering between layers.
  torch::Tensor x = images.contiguous(at::MemoryFormat::ChannelsLast);
  x = bn1_(conv1_->forward(x)).relu_();
  if (shape_.image_size >= kMaxPoolFrom) x = at::max_pool2d(x, 3, 2, 1);
  for (nn::Sequential& blocks : stages_) x = blocks->forward(x);
  return x.mean({2, 3}, false, bn1_->weight.scalar_type());
}

}  // namespace mkdt
