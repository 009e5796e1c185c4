// The architectures that are lists of layers. Each has a file, which says the layers for a
// network's sizes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "mkdt/nn/layered_network.h"

namespace mkdt {

struct Architecture {
  std::string name;
  // The published width for images of that size, and the number that a width is a multiple of.
  std::function<int64_t(int64_t image_size)> width;
  std::function<int64_t(int64_t image_size)> width_unit;
  bool patches = false;  // whether it has patches
  // Adds all layers and the head to an empty list.
  std::function<void(const LayeredShape& shape, LayerList& layers)> build;
};

// Images from this size on are taken as the published networks take ImageNet's, with the strides of
// their first layers; smaller ones keep their planes longer.
constexpr int64_t kLargeImages = 96;

// Has basic blocks, so many in each of the four stages.
Architecture resnet(const std::string& name, int64_t blocks);
Architecture vgg11();
Architecture alexnet();
Architecture mobilenet_v2();
Architecture vision_transformer_tiny();

// Returns all of them, or one by its name. Throws Error for another name.
const std::vector<Architecture>& layered_architectures();
const Architecture& layered_architecture(const std::string& name);

}  // namespace mkdt
