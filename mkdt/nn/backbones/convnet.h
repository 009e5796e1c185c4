// Makes the students' ConvNet a teacher.
#pragma once

#include "mkdt/nn/backbones/backbone.h"
#include "mkdt/nn/convnet.h"

namespace mkdt {

// Computes the features of a ConvNet with the paper's blocks, [B, width · (H/2^depth)²]; its head
// is not there. It works in its parameters' type, whatever the images'. Parameters have the
// ConvNet's names with "_" for ".".
class ConvNetBackbone final : public Backbone {
 public:
  // Is so deep that the last planes are 4×4 or more (32 pixels: 3 blocks). PyTorch's default
  // initialisation is drawn from `generator`.
  ConvNetBackbone(int64_t image_size, int64_t width, at::Generator& generator);

  int64_t image_size() const override { return network_->image_size(); }
  int64_t feature_dim() const override { return network_->feature_dim(); }
  torch::Tensor features(const torch::Tensor& images) override;
  torch::Tensor stock_features(const torch::Tensor& images) override;

 private:
  torch::Tensor features_by(const Network& network, const torch::Tensor& images) const;

  std::shared_ptr<const ConvNet> network_;
};

}  // namespace mkdt
