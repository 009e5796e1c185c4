// Networks that are lists of layers: ResNets, VGG, AlexNet, MobileNetV2, the vision transformer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mkdt/nn/layer_list.h"
#include "mkdt/nn/network.h"

namespace mkdt {

struct LayeredShape {
  std::string architecture;  // one of layered_architectures(), nn/architectures/architecture.h
  int64_t channels = 3;      // of the images
  int64_t image_size = 32;   // H = W; at least 16
  int64_t width = 64;        // of the first stage, from which all others follow, or of a token
  int64_t outputs = 512;     // d
  int64_t patch = 0;         // of a vision transformer; 0: default_patch of transformer_parts.h
};

// Where the published architecture has batch norms these have instance norms with affine (eps
// 1e-5): there are no batch statistics, so that they can be students of any engine but `native`.
class LayeredNetwork final : public Network {
 public:
  // Throws Error if the architecture is not known or a size is none of its.
  explicit LayeredNetwork(const LayeredShape& shape, Operators operators = Operators::kFused);

  const LayeredShape& shape() const { return shape_; }
  torch::Tensor initialise(at::Generator& generator) const override;
  // With a patch for the vision transformer only.
  std::map<std::string, std::string> describe() const override;
  std::shared_ptr<const Network> with_operators(Operators operators) const override;

 private:
  LayeredNetwork(const LayeredShape& shape, Operators operators, LayerList layers);
  torch::Tensor features_of(const std::vector<torch::Tensor>& parameters,
                            const torch::Tensor& images) const override;

  LayeredShape shape_;
  LayerList layers_;
};

}  // namespace mkdt
