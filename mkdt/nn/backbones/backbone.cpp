#include "mkdt/nn/backbones/backbone.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/base/units.h"
#include "mkdt/nn/backbones/convnet.h"
#include "mkdt/nn/backbones/mixed_precision.h"
#include "mkdt/nn/backbones/resnet.h"
#include "mkdt/nn/backbones/vision_transformer.h"
#include "mkdt/nn/transformer_parts.h"

namespace mkdt {
namespace {

std::vector<std::pair<std::string, torch::Tensor>> named_tensors(const torch::nn::Module& module) {
  std::vector<std::pair<std::string, torch::Tensor>> named;
  for (const auto& item : module.named_parameters()) named.emplace_back(item.key(), item.value());
  for (const auto& item : module.named_buffers()) named.emplace_back(item.key(), item.value());
  return named;
}

std::string describe(const torch::Tensor& tensor) {
  return fmt::format("{} [{}]", c10::toString(tensor.scalar_type()),
                     fmt::join(tensor.sizes().vec(), ","));
}

}  // namespace

std::map<std::string, torch::Tensor> module_state(const torch::nn::Module& module,
                                                  const std::string& prefix) {
  std::map<std::string, torch::Tensor> state;
  for (const auto& [name, tensor] : named_tensors(module)) {
    state[prefix + name] = tensor.detach().cpu().contiguous().clone();
  }
  return state;
}

void load_module_state(torch::nn::Module& module,
                       const std::map<std::string, torch::Tensor>& tensors,
                       const std::string& origin, const std::string& prefix) {
  const torch::NoGradGuard no_grad;
  std::vector<std::pair<torch::Tensor, torch::Tensor>> copies;
  for (const auto& [name, target] : named_tensors(module)) {
    const auto found = tensors.find(prefix + name);
    if (found == tensors.end()) {
      throw Error(fmt::format("{}: expected a tensor '{}', there is none", origin, prefix + name));
    }
    const torch::Tensor& source = found->second;
    if (source.sizes() != target.sizes() || source.scalar_type() != target.scalar_type()) {
      throw Error(fmt::format("{}: tensor '{}': expected {}, got {}", origin, prefix + name,
                              describe(target), describe(source)));
    }
    copies.emplace_back(target, source);
  }
  for (auto& [target, source] : copies) target.copy_(source);
}

void use_stock_operators(torch::nn::Module& module) {
  for (const std::shared_ptr<torch::nn::Module>& part : module.modules()) {
    if (auto* const backbone = dynamic_cast<Backbone*>(part.get())) backbone->stock_only = true;
    if (auto* const linear = dynamic_cast<ProjectionLinear*>(part.get())) linear->stock_only = true;
  }
}

namespace {

constexpr int64_t kMaxWidth = 4096;
constexpr int64_t kMaxImageSize = 4096;

using Make = std::shared_ptr<Backbone> (*)(const BackboneShape&, at::Generator&);

struct KnownBackbone {
  const char* name;
  int64_t width;  // its own
  bool patches;
  Make make;
};

template <int64_t Layers>
std::shared_ptr<Backbone> resnet(const BackboneShape& shape, at::Generator& generator) {
  return std::make_shared<ResNet>(ResNetShape{shape.image_size, shape.width, Layers}, generator);
}

template <int64_t Heads>
std::shared_ptr<Backbone> transformer(const BackboneShape& shape, at::Generator& generator) {
  VisionTransformerShape vit;
  vit.image_size = shape.image_size;
  vit.patch = shape.patch;
  vit.width = shape.width;
  vit.heads = Heads;
  return std::make_shared<VisionTransformer>(vit, generator);
}

std::shared_ptr<Backbone> convnet(const BackboneShape& shape, at::Generator& generator) {
  return std::make_shared<ConvNetBackbone>(shape.image_size, shape.width, generator);
}

const std::vector<KnownBackbone>& architectures() {
  static const std::vector<KnownBackbone> known = {
      {"resnet10", 64, false, resnet<10>},     {"resnet18", 64, false, resnet<18>},
      {"resnet34", 64, false, resnet<34>},     {"resnet50", 64, false, resnet<50>},
      {"vit-tiny", 192, true, transformer<3>}, {"vit-small", 384, true, transformer<6>},
      {"convnet", 128, false, convnet}};
  return known;
}

const KnownBackbone& find(const BackboneShape& shape) {
  for (const KnownBackbone& one : architectures()) {
    if (shape.architecture == one.name) return one;
  }
  throw Error(fmt::format("architecture '{}' is not known ({} are)", shape.architecture,
                          fmt::join(backbone_architectures(), ", ")));
}

int64_t integer(const std::map<std::string, std::string>& metadata, const std::string& key,
                int64_t least, int64_t most, const std::string& origin) {
  const auto found = metadata.find(key);
  const std::string text = found == metadata.end() ? "" : found->second;
  const std::optional<int64_t> value = parse_integer(text);
  if (value && *value >= least && *value <= most) return *value;
  throw Error(fmt::format("{}: not a teacher: {} is '{}', expected {} to {}", origin, key, text,
                          least, most));
}

}  // namespace

const std::vector<std::string>& backbone_architectures() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const KnownBackbone& one : architectures()) all.emplace_back(one.name);
    return all;
  }();
  return names;
}

BackboneShape resolved(const BackboneShape& shape) {
  const KnownBackbone& architecture = find(shape);
  BackboneShape full = shape;
  if (full.width == 0) full.width = architecture.width;
  if (!architecture.patches) full.patch = 0;
  if (architecture.patches && full.patch == 0) full.patch = default_patch(full.image_size);
  return full;
}

std::string describe(const BackboneShape& shape) {
  const BackboneShape full = resolved(shape);
  const std::string patch = full.patch == 0 ? "" : fmt::format(", patch {}", full.patch);
  return fmt::format("{} width {}{}, {} pixels", full.architecture, full.width, patch,
                     full.image_size);
}

std::shared_ptr<Backbone> make_backbone(const BackboneShape& shape, at::Generator& generator) {
  return find(shape).make(resolved(shape), generator);
}

std::map<std::string, std::string> backbone_metadata(const BackboneShape& shape) {
  const BackboneShape full = resolved(shape);
  return {{"architecture", full.architecture},
          {"image_size", std::to_string(full.image_size)},
          {"width", std::to_string(full.width)},
          {"patch", std::to_string(full.patch)}};
}

BackboneShape backbone_shape(const std::map<std::string, std::string>& metadata,
                             const std::string& origin) {
  const auto architecture = metadata.find("architecture");
  if (architecture == metadata.end()) {
    throw Error(fmt::format("{}: not a teacher: it names no architecture", origin));
  }
  BackboneShape shape;
  shape.architecture = architecture->second;
  shape.image_size = integer(metadata, "image_size", 8, kMaxImageSize, origin);
  shape.width = integer(metadata, "width", 1, kMaxWidth, origin);
  if (metadata.count("patch") != 0) {
    shape.patch = integer(metadata, "patch", 0, shape.image_size, origin);
  }
  try {
    return resolved(shape);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", origin, error.what()));
  }
}

}  // namespace mkdt
