#include "mkdt/nn/residual_net.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/core/error.h"
#include "mkdt/nn/layers.h"

namespace mkdt {
namespace {

constexpr size_t kUnit = 3;  // parameters of a convolution with its norm
constexpr int64_t kStages = 4;
constexpr int64_t kLeastImage = 16;  // the last stage's planes are 2×2: a norm needs two values

const ResidualNetShape& checked(const ResidualNetShape& shape) {
  const auto require = [](bool condition, const char* what, int64_t value) {
    if (!condition) throw Error(fmt::format("resnet: {} must not be {}", what, value));
  };
  require(shape.channels >= 1 && shape.channels <= 1024, "channels", shape.channels);
  require(shape.image_size >= kLeastImage && shape.image_size <= 4096, "the image size",
          shape.image_size);
  require(shape.width >= 1 && shape.width <= 512, "width", shape.width);
  require(shape.blocks == 1 || shape.blocks == 2, "the blocks of a stage", shape.blocks);
  require(shape.outputs >= 1 && shape.outputs <= 1'000'000, "outputs", shape.outputs);
  return shape;
}

// One block: its sizes, whether its shortcut is a convolution.
struct Block {
  int64_t inputs, outputs, stride;
  bool projects() const { return stride != 1 || inputs != outputs; }
};

// Calls body(stage, index in the stage, block) in the order of the computation.
template <typename Body>
void for_blocks(const ResidualNetShape& shape, Body body) {
  int64_t inputs = shape.width;
  for (int64_t stage = 0; stage < kStages; ++stage) {
    for (int64_t i = 0; i < shape.blocks; ++i) {
      const Block block = {inputs, shape.width << stage, stage > 0 && i == 0 ? 2 : 1};
      body(stage, i, block);
      inputs = block.outputs;
    }
  }
}

// torchvision's names.
ParameterLayout layout_of(const ResidualNetShape& shape) {
  std::vector<ParameterShape> parameters;
  const auto add_unit = [&](const std::string& convolution, const std::string& norm, int64_t in,
                            int64_t out, int64_t kernel) {
    parameters.push_back({convolution + ".weight", {out, in, kernel, kernel}});
    parameters.push_back({norm + ".weight", {out}});
    parameters.push_back({norm + ".bias", {out}});
  };
  add_unit("conv1", "bn1", shape.channels, shape.width, 3);
  for_blocks(shape, [&](int64_t stage, int64_t i, const Block& block) {
    const std::string name = fmt::format("layer{}.{}.", stage + 1, i);
    add_unit(name + "conv1", name + "bn1", block.inputs, block.outputs, 3);
    add_unit(name + "conv2", name + "bn2", block.outputs, block.outputs, 3);
    if (!block.projects()) return;
    add_unit(name + "downsample.0", name + "downsample.1", block.inputs, block.outputs, 1);
  });
  parameters.push_back({"fc.weight", {shape.outputs, 8 * shape.width}});
  parameters.push_back({"fc.bias", {shape.outputs}});
  return ParameterLayout(std::move(parameters));
}

}  // namespace

ResidualNet::ResidualNet(const ResidualNetShape& shape, Operators operators)
    : Network(layout_of(checked(shape))), shape_(shape), operators_(operators) {}

torch::Tensor ResidualNet::unit(const torch::Tensor& x, const torch::Tensor* p,
                                int64_t stride) const {
  return normalise(Norm::kInstance, convolve(operators_, x, p[0], {}, stride), p[1], p[2]);
}

torch::Tensor ResidualNet::features(const std::vector<torch::Tensor>& parameters,
                                    const torch::Tensor& images) const {
  const torch::Tensor* p = parameters.data();
  torch::Tensor x = torch::relu(unit(images, p, 1));
  p += kUnit;
  for_blocks(shape_, [&](int64_t /*stage*/, int64_t /*i*/, const Block& block) {
    const torch::Tensor y = torch::relu(unit(x, p, block.stride));
    const torch::Tensor z = unit(y, p + kUnit, 1);
    const torch::Tensor shortcut = block.projects() ? unit(x, p + 2 * kUnit, block.stride) : x;
    x = torch::relu(z + shortcut);
    p += (block.projects() ? 3 : 2) * kUnit;
  });
  return x.mean({2, 3});  // [B,8·width]
}

torch::Tensor ResidualNet::features(const torch::Tensor& theta, const torch::Tensor& images) const {
  return features(layout().views(theta), images);
}

torch::Tensor ResidualNet::outputs(const torch::Tensor& theta, const torch::Tensor& images) const {
  const std::vector<torch::Tensor> parameters = layout().views(theta);
  const size_t head = parameters.size() - 2;
  return apply_linear(operators_, features(parameters, images), parameters[head],
                      parameters[head + 1]);
}

// Convolutions: normal with variance 2/fan-out (He et al., arXiv 1502.01852); norms: weight 1, bias
// 0; the head uniform in ±1/√fan_in. torchvision's.
torch::Tensor ResidualNet::initialise(at::Generator& generator) const {
  const torch::NoGradGuard no_grad;
  torch::Tensor theta = torch::zeros({layout().size()}, torch::kFloat32);
  std::vector<torch::Tensor> parameters = layout().views(theta);
  for (torch::Tensor& p : parameters) {
    if (p.dim() == 4) {
      const auto fan_out = static_cast<double>(p.size(0) * p.size(2) * p.size(3));
      p.normal_(0, std::sqrt(2 / fan_out), generator);
    }
  }
  const size_t head = parameters.size() - 2;
  for (size_t i = 1; i < head; i += kUnit) parameters[i].fill_(1.0);
  const double bound = 1 / std::sqrt(static_cast<double>(feature_dim()));
  parameters[head].uniform_(-bound, bound, generator);
  parameters[head + 1].uniform_(-bound, bound, generator);
  return theta;
}

std::shared_ptr<const Network> ResidualNet::with_operators(Operators operators) const {
  return std::make_shared<ResidualNet>(shape_, operators);
}

std::map<std::string, std::string> ResidualNet::describe() const {
  return {{"architecture", shape_.blocks == 1 ? "resnet10" : "resnet18"},
          {"channels", std::to_string(shape_.channels)},
          {"image_size", std::to_string(shape_.image_size)},
          {"width", std::to_string(shape_.width)},
          {"outputs", std::to_string(shape_.outputs)}};
}

}  // namespace mkdt
