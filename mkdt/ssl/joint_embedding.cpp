#include "mkdt/ssl/joint_embedding.h"

#include <utility>

namespace mkdt {

JointEmbedding::JointEmbedding(int64_t features, const ProjectorShape& projector, Loss loss,
                               at::Generator& generator)
    : projector_(register_module("projector", make_projector(features, projector, generator))),
      loss_(std::move(loss)) {}

SslLoss JointEmbedding::loss(const TwoViews& views) {
  const torch::Tensor z1 = projector_->forward(views.features1);
  const torch::Tensor z2 = projector_->forward(views.features2);
  return {loss_(z1, z2), z1};
}

}  // namespace mkdt
