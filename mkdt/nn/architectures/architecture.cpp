#include "mkdt/nn/architectures/architecture.h"

#include <fmt/format.h>

#include "mkdt/base/error.h"

namespace mkdt {

const std::vector<Architecture>& layered_architectures() {
  static const std::vector<Architecture> known = {
      resnet("resnet10", 1), resnet("resnet18", 2),    vgg11(), alexnet(),
      mobilenet_v2(),        vision_transformer_tiny()};
  return known;
}

const Architecture& layered_architecture(const std::string& name) {
  for (const Architecture& one : layered_architectures()) {
    if (one.name == name) return one;
  }
  throw Error(fmt::format("architecture '{}' is not known", name));
}

}  // namespace mkdt
