// AlexNet. For small images it is the version of the dataset condensation code (arXiv 2006.05929):
// convolutions of 128, 192, 256, 192 and 192 channels, the first two 5×5, the others 3×3, 2×2
// max-pools behind the first, the second and the last, and a linear layer on the 4×4 planes that 32
// pixels end in; those of larger images are averaged to 4×4. For large images it is arXiv
// 1404.5997's, as torchvision has it: 64, 192, 384, 256 and 256 channels, an 11×11 convolution of
// stride 4 first, 3×3 max-pools of stride 2. The two layers of 4096 units behind it are left out:
// the features are the planes' averages. There are no norms, as published; it has biases, PyTorch's
// default initialisation and torchvision's names.
#include <fmt/format.h>

#include "mkdt/nn/architectures/architecture.h"

namespace mkdt {
namespace {

struct Stage {
  int64_t num, den;  // channels: width · num / den
  int64_t kernel;
  ConvolutionSteps steps;
  bool pooled;
};

constexpr int64_t kGrid = 4;  // of the small version's features
constexpr Stage kSmall[5] = {{1, 1, 5, {}, true},
                             {3, 2, 5, {}, true},
                             {2, 1, 3, {}, false},
                             {3, 2, 3, {}, false},
                             {3, 2, 3, {}, true}};
constexpr Stage kLarge[5] = {{1, 1, 11, {4, 2}, true},
                             {3, 1, 5, {}, true},
                             {6, 1, 3, {}, false},
                             {4, 1, 3, {}, false},
                             {4, 1, 3, {}, true}};

bool is_large(int64_t image_size) { return image_size >= kLargeImages; }

void build(const LayeredShape& shape, LayerList& layers) {
  const bool large = is_large(shape.image_size);
  int64_t index = 0;  // convolution, ReLU and max-pool are numbered through
  for (const Stage& stage : large ? kLarge : kSmall) {
    layers.convolution(fmt::format("features.{}", index), shape.width * stage.num / stage.den,
                       stage.kernel, stage.steps);
    layers.relu();
    if (stage.pooled) layers.max_pool(large ? 3 : 2, 2);
    index += stage.pooled ? 3 : 2;
  }
  layers.average(large ? 1 : kGrid);
  layers.head("classifier", shape.outputs);
}

}  // namespace

Architecture alexnet() {
  Architecture architecture;
  architecture.name = "alexnet";
  architecture.width = [](int64_t image_size) { return is_large(image_size) ? 64 : 128; };
  architecture.width_unit = [](int64_t image_size) { return is_large(image_size) ? 1 : 2; };
  architecture.build = build;
  return architecture;
}

}  // namespace mkdt
