// A teacher's architecture: images to features, as a module with state.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ATen/Generator.h>
#include <torch/nn/module.h>

namespace mkdt {

// Unlike a Network, it may have batch statistics: the mode, train() or eval(), matters.
class Backbone : public torch::nn::Module {
 public:
  virtual int64_t image_size() const = 0;   // H = W of the images
  virtual int64_t feature_dim() const = 0;  // F
  // [B,3,H,W] → [B,F], in the parameters' type. Where there is a choice, products work in the
  // images' type: bfloat16 images give mixed precision.
  virtual torch::Tensor features(const torch::Tensor& images) = 0;
  // The same up to rounding, with PyTorch's operators alone: what can be traced.
  virtual torch::Tensor stock_features(const torch::Tensor& images) { return features(images); }
};

struct BackboneShape {
  std::string architecture = "resnet18";
  int64_t image_size = 32;
  int64_t width = 0;  // channels, of a ResNet's first stage; 0: the architecture's own
  int64_t patch = 0;  // side of a ViT's patches in pixels; 0: default_patch of
                      // transformer_parts.h
};

// resnet10, resnet18, resnet34, resnet50, vit-tiny, vit-small, convnet.
const std::vector<std::string>& backbone_architectures();

// The same with the zeros replaced by what they stand for; patch stays 0 where there are none.
BackboneShape resolved(const BackboneShape& shape);

// "resnet18 width 64, 32 pixels"; "vit-tiny width 192, patch 4, 32 pixels".
std::string describe(const BackboneShape& shape);

// Drawn from `generator`. Error for an architecture that is not known or a size that it cannot
// have.
std::shared_ptr<Backbone> make_backbone(const BackboneShape& shape, at::Generator& generator);

// As a file's metadata, and back; Error naming `origin` for what is missing or out of range.
std::map<std::string, std::string> backbone_metadata(const BackboneShape& shape);
BackboneShape backbone_shape(const std::map<std::string, std::string>& metadata,
                             const std::string& origin);

}  // namespace mkdt
