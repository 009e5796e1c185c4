// The small network between an encoder's features and a self-supervised objective.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <ATen/Generator.h>
#include <torch/nn/modules/batchnorm.h>

namespace mkdt {

class ProjectionLinear;

struct ProjectorShape {
  int64_t layers = 3;  // linear ones, the last included; at least 1
  int64_t hidden = 2048;
  int64_t output = 2048;
};

// Linear layers without bias, with batch norm and ReLU after all but the last.
class Projector final : public torch::nn::Module {
 public:
  // The weights are drawn from `generator`, uniform in ± 1/√inputs.
  Projector(int64_t inputs, const ProjectorShape& shape, at::Generator& generator);

  // Maps features float32 [B,inputs] to [B,output], float32. In mixed precision the products'
  // factors may be rounded to bfloat16 (nn/backbones/mixed_precision.h).
  torch::Tensor forward(const torch::Tensor& features, bool mixed_precision);

 private:
  std::vector<std::shared_ptr<ProjectionLinear>> linears_;
  std::vector<torch::nn::BatchNorm1d> norms_;
};

// Tells whether a view's type asks for mixed precision.
bool is_mixed_precision(const torch::Tensor& images);

}  // namespace mkdt
