#include "mkdt/nn/layers.h"

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

}  // namespace mkdt
