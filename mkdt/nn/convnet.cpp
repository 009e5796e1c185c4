#include "mkdt/nn/convnet.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/base/device.h"
#include "mkdt/base/error.h"
#include "mkdt/nn/ops/norm_relu_pool.h"

namespace mkdt {

const std::vector<std::string>& norm_names() {
  static const std::vector<std::string> names = {"instance", "group", "layer", "none"};
  return names;
}

const std::vector<std::string>& activation_names() {
  static const std::vector<std::string> names = {"relu", "leaky-relu", "swish", "sigmoid"};
  return names;
}

const std::vector<std::string>& pooling_names() {
  static const std::vector<std::string> names = {"average", "max", "none"};
  return names;
}

torch::Tensor normalise(Norm norm, const torch::Tensor& x, const torch::Tensor& weight,
                        const torch::Tensor& bias) {
  switch (norm) {
    case Norm::kInstance:
      return torch::group_norm(x, x.size(1), weight, bias, kNormEps);
    case Norm::kGroup:
      return torch::group_norm(x, kNormGroups, weight, bias, kNormEps);
    case Norm::kLayer:
      return torch::group_norm(x, /*num_groups=*/1, {}, {}, kNormEps) * weight + bias;
    case Norm::kNone:
      break;
  }
  return x;
}

torch::Tensor activate(Activation activation, const torch::Tensor& x) {
  switch (activation) {
    case Activation::kRelu:
      break;
    case Activation::kLeakyRelu:
      return torch::leaky_relu(x, kLeakySlope);
    case Activation::kSwish:
      return torch::silu(x);
    case Activation::kSigmoid:
      return torch::sigmoid(x);
  }
  return torch::relu(x);
}

torch::Tensor pool(Pooling pooling, const torch::Tensor& x) {
  if (pooling == Pooling::kNone) return x;
  return pooling == Pooling::kMax ? torch::max_pool2d(x, /*kernel_size=*/2)
                                  : torch::avg_pool2d(x, /*kernel_size=*/2);
}

namespace {

// Counts convolution weight and bias, and norm weight and bias if there is one.
size_t parameters_per_block(const ConvNetShape& shape) { return shape.norm == Norm::kNone ? 2 : 4; }

// Returns height and width of the plane behind so many blocks.
int64_t plane_size(const ConvNetShape& shape, int64_t blocks) {
  return shape.pooling == Pooling::kNone ? shape.image_size : shape.image_size >> blocks;
}

const ConvNetShape& checked(const ConvNetShape& shape) {
  const auto require = [](bool condition, const char* what, int64_t value) {
    if (!condition) throw Error(fmt::format("convnet: {} must not be {}", what, value));
  };
  require(shape.channels >= 1 && shape.channels <= 1024, "channels", shape.channels);
  require(shape.width >= 1 && shape.width <= 4096, "width", shape.width);
  require(shape.depth >= 1 && shape.depth <= 12, "depth", shape.depth);
  require(shape.outputs >= 1 && shape.outputs <= 1'000'000, "outputs", shape.outputs);
  if (shape.image_size > 4096 || plane_size(shape, shape.depth) < 1) {
    throw Error(fmt::format("convnet: {0}×{0} images do not fit a depth of {1} (at least {2}×{2})",
                            shape.image_size, shape.depth, int64_t{1} << shape.depth));
  }
  if (shape.norm == Norm::kGroup && shape.width % kNormGroups != 0) {
    throw Error(fmt::format("convnet: a group norm needs a width that is a multiple of {}, not {}",
                            kNormGroups, shape.width));
  }
  return shape;
}

int64_t feature_count(const ConvNetShape& shape) {
  const int64_t side = plane_size(shape, shape.depth);
  return shape.width * side * side;
}

// Names parameters as the authors' code does, where the layers of all blocks are numbered through.
ParameterLayout layout_of(const ConvNetShape& shape) {
  std::vector<ParameterShape> parameters;
  int64_t layer = 0;
  for (int64_t block = 0; block < shape.depth; ++block) {
    const int64_t inputs = block == 0 ? shape.channels : shape.width;
    const std::string convolution = fmt::format("features.{}", layer++);
    parameters.push_back({convolution + ".weight", {shape.width, inputs, 3, 3}});
    parameters.push_back({convolution + ".bias", {shape.width}});
    if (shape.norm != Norm::kNone) {
      const std::string norm = fmt::format("features.{}", layer++);
      std::vector<int64_t> affine = {shape.width};
      if (shape.norm == Norm::kLayer) affine.insert(affine.end(), 2, plane_size(shape, block));
      parameters.push_back({norm + ".weight", affine});
      parameters.push_back({norm + ".bias", affine});
    }
    layer += shape.pooling == Pooling::kNone ? 1 : 2;  // the activation, the pooling
  }
  parameters.push_back({"classifier.weight", {shape.outputs, feature_count(shape)}});
  parameters.push_back({"classifier.bias", {shape.outputs}});
  return ParameterLayout(std::move(parameters));
}

}  // namespace

ConvNet::ConvNet(const ConvNetShape& shape, Operators operators)
    : Network(layout_of(checked(shape)), shape.channels, shape.image_size, operators),
      shape_(shape) {}

torch::Tensor ConvNet::block(const torch::Tensor& x, const torch::Tensor* p) const {
  const bool ours = operators() != Operators::kStock;
  // A norm takes the convolution's bias away again: it is left out, and its gradient is exactly
  // zero.
  if (ours && shape_.fusable()) {
    return norm_relu_pool(convolve(operators(), x, p[0]), p[2], p[3], kNormEps);
  }
  torch::Tensor y = convolve(operators(), x, p[0], p[1]);
  if (shape_.norm != Norm::kNone) y = normalise(shape_.norm, y, p[2], p[3]);
  return pool(shape_.pooling, activate(shape_.activation, y));
}

// A GPU's matrix units want the channels of a pixel beside each other; its plain float32 is faster
// on planes (docs/design/performance.md).
torch::Tensor ConvNet::laid_out(const torch::Tensor& images) const {
  const bool ours = operators() != Operators::kStock && shape_.fusable();
  if (!ours || !images.is_cuda()) return images;
  const bool rounded = operators() == Operators::kBfloat16 || tf32_allowed();
  return rounded ? images.contiguous(at::MemoryFormat::ChannelsLast) : images;
}

torch::Tensor ConvNet::features_of(const std::vector<torch::Tensor>& parameters,
                                   const torch::Tensor& images) const {
  torch::Tensor x = laid_out(images);  // [B,C,H,W]
  for (size_t i = 0; i < static_cast<size_t>(shape_.depth); ++i) {
    x = block(x, &parameters[i * parameters_per_block(shape_)]);
  }
  return x.flatten(1);  // [B, W·H'·W']
}

// Weights and biases of convolutions and the linear layer are uniform in ±1/√fan_in (He et al. 2015
// with a = √5, PyTorch's default); norms have weight 1, bias 0.
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
    torch::Tensor* p = &parameters[block * parameters_per_block(shape_)];
    initialise_layer(p[0], p[1]);
    if (shape_.norm == Norm::kNone) continue;
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
          {"norm", norm_names()[static_cast<size_t>(shape_.norm)]},
          {"activation", activation_names()[static_cast<size_t>(shape_.activation)]},
          {"pooling", pooling_names()[static_cast<size_t>(shape_.pooling)]},
          {"outputs", std::to_string(shape_.outputs)}};
}

}  // namespace mkdt
