// VGG11, as arXiv 1409.1556, table 1, configuration A, has it, with norms and one linear layer, as
// for CIFAR: eight 3×3 convolutions with biases in five stages of width, 2·width, 4·width, 8·width
// and 8·width channels, each stage ending in a 2×2 max-pool; then the average over what is left,
// 1×1 at 32 pixels. Instance norms stand in the place of batch norms; below 32 pixels the max-pool
// that would leave a single pixel to a norm is left out. Parameters have torchvision's names, those
// of vgg11_bn.
#include <fmt/format.h>

#include "mkdt/nn/architectures/architecture.h"

namespace mkdt {
namespace {

struct Stage {
  int64_t widths;  // channels, in units of the width
  int64_t convolutions;
};
constexpr int64_t kStageCount = 5;
constexpr Stage kStages[kStageCount] = {{1, 1}, {2, 1}, {4, 2}, {8, 2}, {8, 2}};
constexpr int64_t kLeastPlane = 2;  // the least that a norm can have

void build(const LayeredShape& shape, LayerList& layers) {
  int64_t index = 0;  // convolution, norm, ReLU and max-pool are numbered through
  int64_t stages = 0;
  for (const Stage& stage : kStages) {
    for (int64_t i = 0; i < stage.convolutions; ++i, index += 3) {
      layers.normed_convolution(fmt::format("features.{}", index),
                                fmt::format("features.{}", index + 1), stage.widths * shape.width,
                                3, {}, /*biased=*/true);
      layers.relu();
    }
    const bool last = ++stages == kStageCount;
    if (layers.side() / 2 >= (last ? 1 : kLeastPlane)) layers.max_pool(2, 2);
    ++index;
  }
  layers.average(1);
  layers.head("classifier", shape.outputs);
}

}  // namespace

Architecture vgg11() {
  Architecture architecture;
  architecture.name = "vgg11";
  architecture.width = [](int64_t /*image_size*/) { return 64; };
  architecture.width_unit = [](int64_t /*image_size*/) { return 1; };
  architecture.build = build;
  return architecture;
}

}  // namespace mkdt
