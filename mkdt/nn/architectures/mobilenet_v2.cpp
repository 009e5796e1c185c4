// MobileNetV2, as arXiv 1801.04381, table 2, has it: inverted residuals with linear bottlenecks. A
// 1×1 convolution expands the channels by a factor, a 3×3 depthwise one works on each, a 1×1 one
// projects them; ReLU6 follows the first two. Where neither plane nor channels change, the block's
// input is added. Large images have the published strides, 32 in all; for small ones, as is usual
// for CIFAR, the stem and the first stride of 2 have stride 1, 8 in all. Channels and the 1280
// features are multiples of an eighth of the stem's: width/32 of table 2's, so that the head
// shrinks with the width. Instance norms stand in the place of batch norms; behind a linear
// bottleneck the next one takes the shift of the last one away again. Parameters have torchvision's
// names.
#include <fmt/format.h>

#include "mkdt/nn/architectures/architecture.h"

namespace mkdt {
namespace {

constexpr int64_t kWidth = 32;  // of the stem, from which table 2's channels are scaled
constexpr int64_t kFeatures = 1280;

// Table 2: t, c, n, s.
struct Stage {
  int64_t expansion, channels, blocks, stride;
};
constexpr Stage kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                             {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};

void inverted_residual(LayerList& layers, const std::string& name, int64_t expansion, int64_t out,
                       int64_t stride) {
  const auto branch = [&](LayerList& list) {
    const int64_t inner = expansion * list.channels();
    int64_t index = 0;
    const auto unit = [&](int64_t kernel, const ConvolutionSteps& steps) {
      const std::string prefix = fmt::format("{}conv.{}.", name, index++);
      list.normed_convolution(prefix + "0", prefix + "1", inner, kernel, steps);
      list.relu6();
    };
    if (expansion != 1) unit(1, {});
    unit(3, {stride, ConvolutionSteps::kSame, /*groups=*/inner});
    list.normed_convolution(fmt::format("{}conv.{}", name, index),
                            fmt::format("{}conv.{}", name, index + 1), out, 1);
  };
  if (stride == 1 && layers.channels() == out) {
    layers.residual(branch);
  } else {
    branch(layers);
  }
}

void build(const LayeredShape& shape, LayerList& layers) {
  const bool large = shape.image_size >= kLargeImages;
  const auto scaled = [&](int64_t channels) { return channels * shape.width / kWidth; };
  layers.normed_convolution("features.0.0", "features.0.1", shape.width, 3, {large ? 2 : 1});
  layers.relu6();
  int64_t index = 1;
  bool strided = large;  // whether strides of 2 are kept
  for (const Stage& stage : kStages) {
    for (int64_t i = 0; i < stage.blocks; ++i) {
      const int64_t stride = i == 0 && strided ? stage.stride : 1;
      inverted_residual(layers, fmt::format("features.{}.", index++), stage.expansion,
                        scaled(stage.channels), stride);
    }
    strided = strided || stage.stride == 2;
  }
  layers.normed_convolution(fmt::format("features.{}.0", index),
                            fmt::format("features.{}.1", index), scaled(kFeatures), 1);
  layers.relu6();
  layers.average(1);
  layers.head("classifier.1", shape.outputs);
}

}  // namespace

Architecture mobilenet_v2() {
  Architecture architecture;
  architecture.name = "mobilenet-v2";
  architecture.width = [](int64_t /*image_size*/) { return kWidth; };
  architecture.width_unit = [](int64_t /*image_size*/) { return kWidth / 8; };
  architecture.build = build;
  return architecture;
}

}  // namespace mkdt
