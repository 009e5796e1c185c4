#include "mkdt/nn/backbones/convnet.h"

#include <algorithm>
#include <string>
#include <vector>

#include <torch/utils.h>

namespace mkdt {
namespace {

constexpr int64_t kHead = 2;  // parameters of the linear layer, which come last
constexpr int64_t kLastPlane = 4;

ConvNetShape shape_for(int64_t image_size, int64_t width) {
  ConvNetShape shape;
  shape.image_size = image_size;
  shape.width = width;
  shape.depth = 1;
  while (image_size >> (shape.depth + 1) >= kLastPlane) ++shape.depth;
  shape.outputs = 1;
  return shape;
}

}  // namespace

ConvNetBackbone::ConvNetBackbone(int64_t image_size, int64_t width, at::Generator& generator)
    : network_(std::make_shared<ConvNet>(shape_for(image_size, width))) {
  const ParameterLayout& layout = network_->layout();
  const std::vector<torch::Tensor> values = layout.views(network_->initialise(generator));
  for (size_t i = 0; i + kHead < values.size(); ++i) {
    std::string name = layout.parameters()[i].name;  // "features.0.weight"
    std::replace(name.begin(), name.end(), '.', '_');
    register_parameter(name, values[i].clone());
  }
}

torch::Tensor ConvNetBackbone::features(const torch::Tensor& images) {
  return features_by(*network_, images);
}

torch::Tensor ConvNetBackbone::stock_features(const torch::Tensor& images) {
  return features_by(*network_->with_operators(Operators::kStock), images);
}

torch::Tensor ConvNetBackbone::features_by(const Network& network,
                                           const torch::Tensor& images) const {
  std::vector<torch::Tensor> theta;
  for (const torch::Tensor& parameter : parameters()) theta.push_back(parameter.flatten());
  theta.push_back(theta.front().new_zeros({feature_dim() + 1}));  // the head, which is not read
  return network.features(torch::cat(theta), images.to(theta.front().scalar_type()));
}

}  // namespace mkdt
