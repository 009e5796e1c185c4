#include "mkdt/nn/convnet.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/core/error.h"
#include "mkdt/nn/ops/convolution.h"
#include "mkdt/nn/ops/norm_relu_pool.h"

namespace mkdt {
namespace {

constexpr size_t kParametersPerBlock = 4;  // convolution weight and bias, norm weight and bias
constexpr int64_t kLayersPerBlock = 4;     // of which ReLU and pooling have no parameters

const ConvNetShape& checked(const ConvNetShape& shape) {
  const auto require = [](bool condition, const char* what, int64_t value) {
    if (!condition) throw Error(fmt::format("convnet: {} must not be {}", what, value));
  };
  require(shape.channels >= 1 && shape.channels <= 1024, "channels", shape.channels);
  require(shape.width >= 1 && shape.width <= 4096, "width", shape.width);
  require(shape.depth >= 1 && shape.depth <= 12, "depth", shape.depth);
  require(shape.outputs >= 1 && shape.outputs <= 1'000'000, "outputs", shape.outputs);
  if (shape.image_size > 4096 || shape.image_size >> shape.depth < 1) {
    throw Error(fmt::format("convnet: {0}×{0} images do not fit a depth of {1} (at least {2}×{2})",
                            shape.image_size, shape.depth, int64_t{1} << shape.depth));
  }
  return shape;
}

int64_t feature_count(const ConvNetShape& shape) {
  const int64_t side = shape.image_size >> shape.depth;
  return shape.width * side * side;
}

// Names as in the authors' code, where the layers of all blocks are numbered through.
ParameterLayout layout_of(const ConvNetShape& shape) {
  std::vector<ParameterShape> parameters;
  for (int64_t block = 0; block < shape.depth; ++block) {
    const int64_t inputs = block == 0 ? shape.channels : shape.width;
    const std::string convolution = fmt::format("features.{}", block * kLayersPerBlock);
    const std::string norm = fmt::format("features.{}", block * kLayersPerBlock + 1);
    parameters.push_back({convolution + ".weight", {shape.width, inputs, 3, 3}});
    parameters.push_back({convolution + ".bias", {shape.width}});
    parameters.push_back({norm + ".weight", {shape.width}});
    parameters.push_back({norm + ".bias", {shape.width}});
  }
  parameters.push_back({"classifier.weight", {shape.outputs, feature_count(shape)}});
  parameters.push_back({"classifier.bias", {shape.outputs}});
  return ParameterLayout(std::move(parameters));
}

// p: convolution weight and bias, norm weight and bias.
torch::Tensor stock_block(const torch::Tensor& x, const torch::Tensor* p) {
  torch::Tensor y = torch::conv2d(x, p[0], p[1], /*stride=*/1, /*padding=*/1);
  y = torch::group_norm(y, /*num_groups=*/y.size(1), p[2], p[3], ConvNet::kNormEps);
  return torch::avg_pool2d(torch::relu(y), /*kernel_size=*/2);
}

// The norm takes a convolution's bias away again: it is left out, and its gradient is exactly zero.
torch::Tensor fused_block(const torch::Tensor& x, const torch::Tensor* p) {
  return norm_relu_pool(convolution(x, p[0]), p[2], p[3], ConvNet::kNormEps);
}

}  // namespace

ConvNet::ConvNet(const ConvNetShape& shape, Operators operators)
    : Network(layout_of(checked(shape))), shape_(shape), operators_(operators) {}

int64_t ConvNet::feature_dim() const { return feature_count(shape_); }

torch::Tensor ConvNet::features(const std::vector<torch::Tensor>& parameters,
                                const torch::Tensor& images) const {
  const auto block_of = operators_ == Operators::kFused ? fused_block : stock_block;
  torch::Tensor x = images;  // [B,C,H,W]
  for (int64_t block = 0; block < shape_.depth; ++block) {
    x = block_of(x, &parameters[static_cast<size_t>(block) * kParametersPerBlock]);
  }
  return x.flatten(1);  // [B, W·(H/2^D)²]
}

torch::Tensor ConvNet::features(const torch::Tensor& theta, const torch::Tensor& images) const {
  return features(layout().views(theta), images);
}

torch::Tensor ConvNet::outputs(const torch::Tensor& theta, const torch::Tensor& images) const {
  const std::vector<torch::Tensor> parameters = layout().views(theta);
  const size_t head = parameters.size() - 2;
  return torch::linear(features(parameters, images), parameters[head], parameters[head + 1]);
}

// Convolutions and linear layers: weights and biases uniform in ±1/√fan_in (He et al. 2015 with
// a = √5, PyTorch's default); norms: weight 1, bias 0.
torch::Tensor ConvNet::initialise(at::Generator& generator) const {
  const torch::NoGradGuard no_grad;
  torch::Tensor theta = torch::empty({layout().size()}, torch::kFloat32);
  std::vector<torch::Tensor> parameters = layout().views(theta);
  const auto initialise_layer = [&](torch::Tensor& weight, torch::Tensor& bias) {
    const double fan_in = static_cast<double>(weight[0].numel());
    const double bound = 1.0 / std::sqrt(fan_in);
    weight.uniform_(-bound, bound, generator);
    bias.uniform_(-bound, bound, generator);
  };
  for (size_t block = 0; block < static_cast<size_t>(shape_.depth); ++block) {
    torch::Tensor* p = &parameters[block * kParametersPerBlock];
    initialise_layer(p[0], p[1]);
    p[2].fill_(1.0);
    p[3].zero_();
  }
  initialise_layer(parameters[parameters.size() - 2], parameters.back());
  return theta;
}

std::shared_ptr<const Network> ConvNet::with_operators(Operators operators) const {
  return std::make_shared<ConvNet>(shape_, operators);
}

std::map<std::string, std::string> ConvNet::describe() const {
  return {{"architecture", "convnet"},
          {"channels", std::to_string(shape_.channels)},
          {"image_size", std::to_string(shape_.image_size)},
          {"width", std::to_string(shape_.width)},
          {"depth", std::to_string(shape_.depth)},
          {"outputs", std::to_string(shape_.outputs)}};
}

}  // namespace mkdt
