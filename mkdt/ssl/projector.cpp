#include "mkdt/ssl/projector.h"

#include <string>

#include "mkdt/nn/backbones/mixed_precision.h"

namespace mkdt {

Projector::Projector(int64_t inputs, const ProjectorShape& shape, at::Generator& generator) {
  constexpr int64_t kModules = 3;  // a layer's, by whose numbers tensors are named in files
  for (int64_t i = 0; i < shape.layers; ++i) {
    const bool last = i + 1 == shape.layers;
    const int64_t outputs = last ? shape.output : shape.hidden;
    linears_.push_back(
        register_module(std::to_string(kModules * i),
                        std::make_shared<ProjectionLinear>(inputs, outputs, generator)));
    if (last) break;
    norms_.push_back(
        register_module(std::to_string(kModules * i + 1), torch::nn::BatchNorm1d(outputs)));
    inputs = outputs;
  }
}

torch::Tensor Projector::forward(const torch::Tensor& features, bool mixed_precision) {
  torch::Tensor z = linears_[0]->forward(features, mixed_precision);
  for (size_t i = 0; i < norms_.size(); ++i) {
    z = linears_[i + 1]->forward(norms_[i](z).relu_(), mixed_precision);
  }
  return z;
}

bool is_mixed_precision(const torch::Tensor& images) {
  return images.scalar_type() == torch::kBFloat16;
}

}  // namespace mkdt
