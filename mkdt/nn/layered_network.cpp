#include "mkdt/nn/layered_network.h"

#include <cmath>
#include <stdexcept>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/nn/architectures/architecture.h"
#include "mkdt/nn/convnet.h"
#include "mkdt/nn/transformer_parts.h"

namespace mkdt {
namespace {

InitialValues constant(double value) { return {InitialValues::Kind::kConstant, value}; }
InitialValues normal(double std) { return {InitialValues::Kind::kNormal, std}; }
InitialValues uniform_for(int64_t fan_in) {
  return {InitialValues::Kind::kUniform, 1 / std::sqrt(static_cast<double>(fan_in))};
}
InitialValues he_normal(int64_t fan_out) {
  return normal(std::sqrt(2 / static_cast<double>(fan_out)));
}

}  // namespace

size_t LayerList::declare(const std::string& name, std::vector<int64_t> shape,
                          InitialValues values) {
  parameters_.push_back({name, std::move(shape)});
  initial_values_.push_back(values);
  return parameters_.size() - 1;
}

void LayerList::normed_convolution(const std::string& convolution, const std::string& norm,
                                   int64_t out, int64_t kernel, const ConvolutionSteps& steps,
                                   bool biased) {
  side_ = steps.side(side_, kernel);
  if (side_ < 2) throw std::logic_error("instance norm of planes of one pixel: " + norm);
  const size_t filter =
      declare(convolution + ".weight", {out, channels_ / steps.groups, kernel, kernel},
              he_normal(out * kernel * kernel));
  if (biased) declare(convolution + ".bias", {out}, constant(0));
  const size_t weight = declare(norm + ".weight", {out}, constant(1));
  const size_t bias = declare(norm + ".bias", {out}, constant(0));
  channels_ = out;
  add([=](const Context& c, const torch::Tensor& x) {
    const torch::Tensor y = convolve(c.operators, x, c.parameters[filter], {}, steps);
    return normalise(Norm::kInstance, y, c.parameters[weight], c.parameters[bias]);
  });
}

void LayerList::convolution(const std::string& name, int64_t out, int64_t kernel,
                            const ConvolutionSteps& steps) {
  const int64_t inputs = channels_ / steps.groups;
  const InitialValues values = uniform_for(inputs * kernel * kernel);
  const size_t weight = declare(name + ".weight", {out, inputs, kernel, kernel}, values);
  const size_t bias = declare(name + ".bias", {out}, values);
  side_ = steps.side(side_, kernel);
  channels_ = out;
  add([=](const Context& c, const torch::Tensor& x) {
    return convolve(c.operators, x, c.parameters[weight], c.parameters[bias], steps);
  });
}

void LayerList::relu() {
  add([](const Context&, const torch::Tensor& x) { return torch::relu(x); });
}

void LayerList::relu6() {
  add([](const Context&, const torch::Tensor& x) { return torch::hardtanh(x, 0, 6); });
}

void LayerList::max_pool(int64_t kernel, int64_t stride, int64_t padding) {
  side_ = (side_ + 2 * padding - kernel) / stride + 1;
  add([=](const Context&, const torch::Tensor& x) {
    return torch::max_pool2d(x, kernel, stride, padding);
  });
}

void LayerList::average(int64_t side) {
  if (side == 1) {
    add([](const Context&, const torch::Tensor& x) { return x.mean({2, 3}); });
  } else if (side_ <= side) {
    side = side_;
    add([](const Context&, const torch::Tensor& x) { return x.flatten(1); });
  } else {
    add([=](const Context&, const torch::Tensor& x) {
      return torch::adaptive_avg_pool2d(x, {side, side}).flatten(1);
    });
  }
  channels_ *= side * side;
  side_ = 0;
}

std::vector<LayerList::Layer> LayerList::layers_of(const Part& part) {
  std::vector<Layer> around = std::exchange(layers_, {});
  if (part) part(*this);
  return std::exchange(layers_, std::move(around));
}

void LayerList::residual(const Part& branch, const Part& shortcut) {
  const std::pair<int64_t, int64_t> before(channels_, side_);
  const std::vector<Layer> one = layers_of(branch);
  const std::pair<int64_t, int64_t> behind(channels_, side_);
  std::tie(channels_, side_) = before;
  const std::vector<Layer> other = layers_of(shortcut);
  if (behind != std::pair(channels_, side_)) {
    throw std::logic_error("residual: the branch and the shortcut have different planes");
  }
  add([=](const Context& c, const torch::Tensor& x) { return run(one, c, x) + run(other, c, x); });
}

// No number of images stands in a shape, so that a trace is good for batches of any size.
void LayerList::patch_tokens(int64_t patch, int64_t width) {
  const int64_t inputs = channels_ * patch * patch, count = side_ / patch;
  const size_t first = declare("cls_token", {1, 1, width}, normal(1e-6));
  const size_t positions = declare("pos_embed", {1, 1 + count * count, width}, normal(0.02));
  const size_t weight =
      declare("patch_embed.proj.weight", {width, channels_, patch, patch}, uniform_for(inputs));
  const size_t bias = declare("patch_embed.proj.bias", {width}, uniform_for(inputs));
  const int64_t channels = std::exchange(channels_, width);
  side_ = 0;
  add([=](const Context& c, const torch::Tensor& x) {
    const torch::Tensor patches = x.reshape({-1, channels, count, patch, count, patch})
                                      .permute({0, 2, 4, 1, 3, 5})
                                      .reshape({-1, count * count, inputs});
    const torch::Tensor tokens =
        apply_linear(c.operators, patches, c.parameters[weight].flatten(1), c.parameters[bias]);
    const torch::Tensor heads = c.parameters[first].expand_as(tokens.slice(1, 0, 1));
    return torch::cat({heads, tokens}, 1) + c.parameters[positions];
  });
}

void LayerList::layer_norm(const std::string& name) {
  const int64_t width = channels_;
  const size_t weight = declare(name + ".weight", {width}, constant(1));
  const size_t bias = declare(name + ".bias", {width}, constant(0));
  add([=](const Context& c, const torch::Tensor& x) {
    return torch::layer_norm(x, {width}, c.parameters[weight], c.parameters[bias], kLayerNormEps);
  });
}

void LayerList::linear(const std::string& name, int64_t out) {
  const size_t weight = declare(name + ".weight", {out, channels_}, normal(0.02));
  const size_t bias = declare(name + ".bias", {out}, constant(0));
  channels_ = out;
  add([=](const Context& c, const torch::Tensor& x) {
    return apply_linear(c.operators, x, c.parameters[weight], c.parameters[bias]);
  });
}

void LayerList::attention(int64_t heads) {
  channels_ /= 3;
  add([=](const Context&, const torch::Tensor& qkv) {
    return attend(qkv, heads, qkv.scalar_type());
  });
}

void LayerList::gelu() {
  add([](const Context&, const torch::Tensor& x) { return torch::gelu(x); });
}

void LayerList::first_token() {
  add([](const Context&, const torch::Tensor& x) { return x.select(1, 0); });
}

void LayerList::head(const std::string& name, int64_t outputs) {
  declare(name + ".weight", {outputs, channels_}, uniform_for(channels_));
  declare(name + ".bias", {outputs}, uniform_for(channels_));
}

void LayerList::initialise(std::vector<torch::Tensor> views, at::Generator& generator) const {
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < views.size(); ++i) {
    const auto [kind, number] = initial_values_[i];
    switch (kind) {
      case InitialValues::Kind::kConstant:
        views[i].fill_(number);
        break;
      case InitialValues::Kind::kNormal:
        views[i].normal_(0, number, generator);
        break;
      case InitialValues::Kind::kUniform:
        views[i].uniform_(-number, number, generator);
        break;
    }
  }
}

torch::Tensor LayerList::run(const std::vector<Layer>& layers, const Context& context,
                             torch::Tensor x) {
  for (const Layer& layer : layers) x = layer(context, x);
  return x;
}

torch::Tensor LayerList::apply(Operators operators, const std::vector<torch::Tensor>& parameters,
                               const torch::Tensor& images) const {
  return run(layers_, {operators, parameters}, images);
}

namespace {

constexpr int64_t kLeastImage = 16;  // the last planes are 2×2: an instance norm needs two values

// Checks a shape and fills the patch in.
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
