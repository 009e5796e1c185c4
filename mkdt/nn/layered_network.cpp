#include "mkdt/nn/layered_network.h"

#include <utility>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/nn/architectures/architecture.h"
#include "mkdt/nn/transformer_parts.h"

namespace mkdt {
namespace {

constexpr int64_t kLeastImage = 16;  // the last planes are 2×2: an instance norm needs two values

// Checked, with the patch filled in.
LayeredShape resolved(const LayeredShape& shape) {
  const Architecture& architecture = layered_architecture(shape.architecture);
  const auto require = [&](bool condition, const char* what, int64_t value) {
    if (condition) return;
    throw Error(fmt::format("{}: {} must not be {}", shape.architecture, what, value));
  };
  require(shape.channels >= 1 && shape.channels <= 1024, "channels", shape.channels);
  require(shape.image_size >= kLeastImage && shape.image_size <= 4096, "the image size",
          shape.image_size);
  require(shape.width >= 1 && shape.width <= 1024, "width", shape.width);
  require(shape.outputs >= 1 && shape.outputs <= 1'000'000, "outputs", shape.outputs);
  const int64_t unit = architecture.width_unit(shape.image_size);
  if (shape.width % unit != 0) {
    throw Error(fmt::format("{}: expected a width that is a multiple of {}, got {}",
                            shape.architecture, unit, shape.width));
  }
  LayeredShape full = shape;
  if (!architecture.patches) {
    full.patch = 0;
    return full;
  }
  if (full.patch == 0) full.patch = default_patch(shape.image_size);
  if (full.patch < 1 || shape.image_size % full.patch != 0) {
    throw Error(fmt::format("{}: expected a patch that {} pixels are a multiple of, got {}",
                            shape.architecture, shape.image_size, full.patch));
  }
  return full;
}

LayerList layers_of(const LayeredShape& shape) {
  LayerList layers(shape.channels, shape.image_size);
  layered_architecture(shape.architecture).build(shape, layers);
  return layers;
}

}  // namespace

LayeredNetwork::LayeredNetwork(const LayeredShape& shape, Operators operators)
    : LayeredNetwork(resolved(shape), operators, layers_of(resolved(shape))) {}

LayeredNetwork::LayeredNetwork(const LayeredShape& shape, Operators operators, LayerList layers)
    : Network(ParameterLayout(layers.parameters()), shape.channels, shape.image_size, operators),
      shape_(shape),
      layers_(std::move(layers)) {}

torch::Tensor LayeredNetwork::features_of(const std::vector<torch::Tensor>& parameters,
                                          const torch::Tensor& images) const {
  return layers_.apply(operators(), parameters, images);
}

torch::Tensor LayeredNetwork::initialise(at::Generator& generator) const {
  const torch::Tensor theta = torch::empty({layout().size()}, torch::kFloat32);
  layers_.initialise(layout().views(theta), generator);
  return theta;
}

std::shared_ptr<const Network> LayeredNetwork::with_operators(Operators operators) const {
  return std::make_shared<LayeredNetwork>(shape_, operators);
}

std::map<std::string, std::string> LayeredNetwork::describe() const {
  std::map<std::string, std::string> entries = {{"architecture", shape_.architecture},
                                                {"channels", std::to_string(shape_.channels)},
                                                {"image_size", std::to_string(shape_.image_size)},
                                                {"width", std::to_string(shape_.width)},
                                                {"outputs", std::to_string(shape_.outputs)}};
  if (shape_.patch != 0) entries["patch"] = std::to_string(shape_.patch);
  return entries;
}

}  // namespace mkdt
