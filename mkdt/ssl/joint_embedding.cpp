#include "mkdt/ssl/joint_embedding.h"

#include <utility>

namespace mkdt {

JointEmbedding::JointEmbedding(int64_t features, const ProjectorShape& projector, Loss loss,
                               at::Generator& generator)
    : projector_(register_module("projector", make_projector(features, projector, generator))),
      loss_(std::move(loss)) {}

Projection JointEmbedding::project(const torch::Tensor& /*images*/, const torch::Tensor& features) {
  const torch::Tensor z = projector_->forward(features);
  return {z, {}, z};
}

torch::Tensor JointEmbedding::compare(const Projection& first, const Projection& second) const {
  return loss_(first.compared, second.compared);
}

}  // namespace mkdt
