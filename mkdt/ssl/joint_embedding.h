// Algorithms that compare the embeddings of two views directly: Barlow Twins, SimCLR, VICReg.
#pragma once

#include <functional>

#include <torch/nn/modules/container/sequential.h>

#include "mkdt/ssl/projector.h"
#include "mkdt/ssl/ssl_algorithm.h"

namespace mkdt {

class JointEmbedding final : public SslAlgorithm {
 public:
  // Differentiable scalar of embeddings z1 and z2, [B,D].
  using Loss = std::function<torch::Tensor(const torch::Tensor& z1, const torch::Tensor& z2)>;

  JointEmbedding(int64_t features, const ProjectorShape& projector, Loss loss,
                 at::Generator& generator);

  Projection project(const torch::Tensor& images, const torch::Tensor& features) override;
  torch::Tensor compare(const Projection& first, const Projection& second) const override;

 private:
  torch::nn::Sequential projector_;
  Loss loss_;
};

}  // namespace mkdt
