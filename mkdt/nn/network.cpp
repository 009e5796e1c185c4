#include "mkdt/nn/network.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/utils.h>

#include "mkdt/core/error.h"
#include "mkdt/core/parse_integer.h"
#include "mkdt/nn/convnet.h"
#include "mkdt/nn/native/forward.h"
#include "mkdt/nn/residual_net.h"

namespace mkdt {
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

class Description {
 public:
  Description(const std::map<std::string, std::string>& entries, std::string origin)
      : entries_(entries), origin_(std::move(origin)) {}

  const std::string& text(const std::string& key) const {
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
      throw Error(fmt::format("{}: the network's description has no '{}'", origin_, key));
    }
    return found->second;
  }
  int64_t integer(const std::string& key) const {
    const std::string& value = text(key);
    const std::optional<int64_t> number = parse_integer(value);
    if (number) return *number;
    throw Error(fmt::format("{}: the network's '{}' is '{}', not an integer", origin_, key, value));
  }
  // One of `names`, the first if there is no such entry: older files have none.
  template <typename Enum>
  Enum choice(const std::string& key, const std::vector<std::string>& names) const {
    if (entries_.count(key) == 0) return Enum{};
    const std::string& value = text(key);
    const auto found = std::find(names.begin(), names.end(), value);
    if (found == names.end()) {
      throw Error(fmt::format("{}: the network's '{}' is '{}', not one of {}", origin_, key, value,
                              fmt::join(names, ", ")));
    }
    return static_cast<Enum>(found - names.begin());
  }

 private:
  const std::map<std::string, std::string>& entries_;
  std::string origin_;
};

NetworkPtr make_convnet(const Description& entries) {
  ConvNetShape shape;
  shape.channels = entries.integer("channels");
  shape.image_size = entries.integer("image_size");
  shape.width = entries.integer("width");
  shape.depth = entries.integer("depth");
  shape.outputs = entries.integer("outputs");
  shape.norm = entries.choice<Norm>("norm", norm_names());
  shape.activation = entries.choice<Activation>("activation", activation_names());
  shape.pooling = entries.choice<Pooling>("pooling", pooling_names());
  return std::make_shared<ConvNet>(shape);
}

NetworkPtr make_residual_net(const Description& entries, int64_t blocks) {
  ResidualNetShape shape;
  shape.channels = entries.integer("channels");
  shape.image_size = entries.integer("image_size");
  shape.width = entries.integer("width");
  shape.blocks = blocks;
  shape.outputs = entries.integer("outputs");
  return std::make_shared<ResidualNet>(shape);
}

}  // namespace

NetworkPtr make_network(const std::map<std::string, std::string>& description,
                        const std::string& origin) {
  const Description entries(description, origin);
  const std::string& architecture = entries.text("architecture");
  if (architecture == "convnet") return make_convnet(entries);
  if (architecture == "resnet10") return make_residual_net(entries, 1);
  if (architecture == "resnet18") return make_residual_net(entries, 2);
  throw Error(fmt::format("{}: architecture '{}' is not known ({} are)", origin, architecture,
                          fmt::join(student_architectures(), ", ")));
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
