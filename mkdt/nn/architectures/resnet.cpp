// ResNet-10 and ResNet-18, as arXiv 1512.03385, table 1, has them, with basic blocks, in stages of
// width, 2·width, 4·width and 8·width channels; ResNet-10 has one block a stage. The stem for small
// images is a 3×3 convolution of stride 1 (arXiv 2002.05709, appendix B.9), for large ones the
// original 7×7 convolution of stride 2 with its max-pool. Instance norms stand in the place of
// batch norms; the last stage has at least 2×2 pixels, from 16×16 pixels on. Parameters have
// torchvision's names.
#include <fmt/format.h>

#include "mkdt/nn/architectures/architecture.h"

namespace mkdt {
namespace {

constexpr int64_t kStages = 4;

void basic_block(LayerList& layers, const std::string& name, int64_t channels, int64_t stride) {
  const auto branch = [&](LayerList& list) {
    list.normed_convolution(name + "conv1", name + "bn1", channels, 3, {stride});
    list.relu();
    list.normed_convolution(name + "conv2", name + "bn2", channels, 3);
  };
  const auto projection = [&](LayerList& list) {
    list.normed_convolution(name + "downsample.0", name + "downsample.1", channels, 1, {stride});
  };
  const bool projects = stride != 1 || layers.channels() != channels;
  layers.residual(branch, projects ? projection : LayerList::Part());
  layers.relu();
}

void build(const LayeredShape& shape, int64_t blocks, LayerList& layers) {
  const bool large = shape.image_size >= kLargeImages;
  layers.normed_convolution("conv1", "bn1", shape.width, large ? 7 : 3, {large ? 2 : 1});
  layers.relu();
  if (large) layers.max_pool(3, 2, 1);
  for (int64_t stage = 0; stage < kStages; ++stage) {
    for (int64_t i = 0; i < blocks; ++i) {
      basic_block(layers, fmt::format("layer{}.{}.", stage + 1, i), shape.width << stage,
                  stage > 0 && i == 0 ? 2 : 1);
    }
  }
  layers.average(1);
  layers.head("fc", shape.outputs);
}

}  // namespace

Architecture resnet(const std::string& name, int64_t blocks) {
  Architecture architecture;
  architecture.name = name;
  architecture.width = [](int64_t /*image_size*/) { return 64; };
  architecture.width_unit = [](int64_t /*image_size*/) { return 1; };
  architecture.build = [blocks](const LayeredShape& shape, LayerList& layers) {
    build(shape, blocks, layers);
  };
  return architecture;
}

}  // namespace mkdt
