// Backbone, a teacher's architecture from images to features: a module with state, whose tensors go
// to files by name.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ATen/Generator.h>
#include <torch/nn/module.h>

namespace mkdt {

// Copies a module's parameters and buffers to the CPU, by its dotted names
// ("layer1.0.conv1.weight") after `prefix`.
std::map<std::string, torch::Tensor> module_state(const torch::nn::Module& module,
                                                  const std::string& prefix = "");

// Overwrites every parameter and buffer. Throws Error naming `origin` and the tensor if one is
// missing or has another shape or type; the module is then unchanged.
void load_module_state(torch::nn::Module& module,
                       const std::map<std::string, torch::Tensor>& tensors,
                       const std::string& origin, const std::string& prefix = "");

// Maps images to features. Unlike a Network, it may have batch statistics: the mode, train() or
// eval(), matters.
class Backbone : public torch::nn::Module {
 public:
  virtual int64_t image_size() const = 0;   // H = W of the images
  virtual int64_t feature_dim() const = 0;  // F
  // Maps [B,3,H,W] to [B,F], in the parameters' type. Where there is a choice, products work in the
  // images' type: bfloat16 images give mixed precision.
  virtual torch::Tensor features(const torch::Tensor& images) = 0;
  // Computes the same up to rounding with PyTorch's operators alone, so that it can be traced.
  virtual torch::Tensor stock_features(const torch::Tensor& images) { return features(images); }

  bool stock_only = false;  // see use_stock_operators
};

// Lets every backbone and projection within a module compute with PyTorch's operators alone from
// now on, as what is measured against them does.
void use_stock_operators(torch::nn::Module& module);

struct BackboneShape {
  std::string architecture = "resnet18";
  int64_t image_size = 32;
  int64_t width = 0;  // channels, of a ResNet's first stage; 0: the architecture's own
  int64_t patch = 0;  // side of a ViT's patches in pixels; 0: default_patch of
                      // transformer_parts.h
};

// Returns resnet10, resnet18, resnet34, resnet50, vit-tiny, vit-small, convnet.
const std::vector<std::string>& backbone_architectures();

// Puts the architecture's own numbers in the place of zeros; patch stays 0 where there are none.
BackboneShape resolved(const BackboneShape& shape);

// Describes a shape: "resnet18 width 64, 32 pixels"; "vit-tiny width 192, patch 4, 32 pixels".
std::string describe(const BackboneShape& shape);

// Makes a backbone with parameters drawn from `generator`. Throws Error for an architecture that is
// not known or a size that it cannot have.
std::shared_ptr<Backbone> make_backbone(const BackboneShape& shape, at::Generator& generator);

// A file has the shape as metadata. Reading throws Error naming `origin` for entries that are
// missing or out of range.
std::map<std::string, std::string> backbone_metadata(const BackboneShape& shape);
BackboneShape backbone_shape(const std::map<std::string, std::string>& metadata,
                             const std::string& origin);

}  // namespace mkdt
