#include "mkdt/nn/network.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/core/error.h"
#include "mkdt/nn/convnet.h"
#include "mkdt/nn/native/forward.h"

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
    int64_t number = 0;
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (code != std::errc() || end != value.data() + value.size()) {
      throw Error(
          fmt::format("{}: the network's '{}' is '{}', not an integer", origin_, key, value));
    }
    return number;
  }

 private:
  const std::map<std::string, std::string>& entries_;
  std::string origin_;
};

}  // namespace

NetworkPtr make_network(const std::map<std::string, std::string>& description,
                        const std::string& origin) {
  const Description entries(description, origin);
  const std::string& architecture = entries.text("architecture");
  if (architecture != "convnet") {
    throw Error(
        fmt::format("{}: architecture '{}' is not known (convnet is)", origin, architecture));
  }
  ConvNetShape shape;
  shape.channels = entries.integer("channels");
  shape.image_size = entries.integer("image_size");
  shape.width = entries.integer("width");
  shape.depth = entries.integer("depth");
  shape.outputs = entries.integer("outputs");
  return std::make_shared<ConvNet>(shape);
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
