#include "mkdt/nn/network.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/nn/architectures/architecture.h"
#include "mkdt/nn/convnet.h"
#include "mkdt/nn/native/forward.h"
#include "mkdt/nn/network_spec.h"

namespace mkdt {
namespace {

int64_t element_count(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (const int64_t extent : shape) count *= extent;
  return count;
}

}  // namespace

ParameterLayout::ParameterLayout(std::vector<ParameterShape> parameters)
    : parameters_(std::move(parameters)) {
  for (const ParameterShape& parameter : parameters_) size_ += element_count(parameter.shape);
}

std::vector<torch::Tensor> ParameterLayout::views(const torch::Tensor& theta) const {
  std::vector<int64_t> counts;
  counts.reserve(parameters_.size());
  for (const ParameterShape& parameter : parameters_) {
    counts.push_back(element_count(parameter.shape));
  }
  std::vector<torch::Tensor> views = theta.split_with_sizes(counts);
  for (size_t i = 0; i < views.size(); ++i) views[i] = views[i].view(parameters_[i].shape);
  return views;
}

namespace {

constexpr int64_t kBatch = 256;  // of evaluation without gradient

using Encode = std::function<torch::Tensor(const torch::Tensor& images)>;

torch::Tensor in_batches(int64_t columns, const torch::Tensor& theta, const ImageRange& images_at,
                         int64_t count, const Encode& encode) {
  const torch::NoGradGuard no_grad;
  torch::Tensor all = torch::empty({count, columns}, theta.options());
  for (int64_t begin = 0; begin < count; begin += kBatch) {
    const int64_t end = std::min(begin + kBatch, count);
    all.slice(0, begin, end).copy_(encode(images_at(begin, end)));
  }
  return all;
}

NetworkPtr make_convnet(const NetworkDescription& entries) {
  ConvNetShape shape;
  shape.channels = entries.integer("channels");
  shape.image_size = entries.integer("image_size");
  shape.width = entries.integer("width");
  shape.depth = entries.integer("depth");
  shape.outputs = entries.integer("outputs");
  shape.norm = static_cast<Norm>(entries.choice("norm", norm_names()));
  shape.activation = static_cast<Activation>(entries.choice("activation", activation_names()));
  shape.pooling = static_cast<Pooling>(entries.choice("pooling", pooling_names()));
  return std::make_shared<ConvNet>(shape);
}

NetworkPtr make_layered_network(const NetworkDescription& entries) {
  LayeredShape shape;
  shape.architecture = entries.text("architecture");
  shape.channels = entries.integer("channels");
  shape.image_size = entries.integer("image_size");
  shape.width = entries.integer("width");
  shape.outputs = entries.integer("outputs");
  if (layered_architecture(shape.architecture).patches) shape.patch = entries.integer("patch");
  return std::make_shared<LayeredNetwork>(shape);
}

}  // namespace

Network::Network(ParameterLayout layout, int64_t channels, int64_t image_size, Operators operators)
    : layout_(std::move(layout)),
      channels_(channels),
      image_size_(image_size),
      operators_(operators) {}

int64_t Network::feature_dim() const {
  return layout_.parameters()[layout_.parameters().size() - 2].shape[1];
}

int64_t Network::output_dim() const { return layout_.parameters().back().shape[0]; }

torch::Tensor Network::features(const torch::Tensor& theta, const torch::Tensor& images) const {
  return features_of(layout_.views(theta), images);
}

torch::Tensor Network::outputs(const torch::Tensor& theta, const torch::Tensor& images) const {
  const std::vector<torch::Tensor> parameters = layout_.views(theta);
  return apply_linear(operators_, features_of(parameters, images),
                      parameters[parameters.size() - 2], parameters.back());
}

NetworkPtr make_network(const std::map<std::string, std::string>& description,
                        const std::string& origin) {
  const NetworkDescription entries(description);
  try {
    const std::string& architecture = entries.text("architecture");
    const std::vector<std::string>& known = network_architectures();
    if (std::find(known.begin(), known.end(), architecture) == known.end()) {
      throw Error(fmt::format("architecture '{}' is not known ({} are)", architecture,
                              fmt::join(known, ", ")));
    }
    return architecture == "convnet" ? make_convnet(entries) : make_layered_network(entries);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", origin, error.what()));
  }
}

const std::vector<std::string>& network_architectures() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = {"convnet"};
    for (const Architecture& one : layered_architectures()) all.push_back(one.name);
    return all;
  }();
  return names;
}

const std::vector<std::string>& student_architectures() {
  static const std::vector<std::string> names = {"convnet", "resnet10", "resnet18"};
  return names;
}

std::string difference(const Network& found, const Network& expected) {
  const auto theirs = found.describe();
  std::string text;
  for (const auto& [key, value] : expected.describe()) {
    const auto entry = theirs.find(key);
    const std::string other = entry == theirs.end() ? "missing" : entry->second;
    if (other == value) continue;
    text += fmt::format("{}{} {}, expected {}", text.empty() ? "" : "; ", key, other, value);
  }
  return text;
}

torch::Tensor features_in_batches(const Network& network, const torch::Tensor& theta,
                                  const ImageRange& images_at, int64_t count) {
  Encode encode = [&](const torch::Tensor& images) { return network.features(theta, images); };
  if (const ConvNet* const native = native::native_convnet(network, theta)) {
    encode = native::forward_pass(*native, native::Forward::kFeatures, theta);
  }
  return in_batches(network.feature_dim(), theta, images_at, count, encode);
}

torch::Tensor outputs_in_batches(const Network& network, const torch::Tensor& theta,
                                 const ImageRange& images_at, int64_t count) {
  Encode encode = [&](const torch::Tensor& images) { return network.outputs(theta, images); };
  if (const ConvNet* const native = native::native_convnet(network, theta)) {
    encode = native::forward_pass(*native, native::Forward::kOutputs, theta);
  }
  return in_batches(network.output_dim(), theta, images_at, count, encode);
}

}  // namespace mkdt
