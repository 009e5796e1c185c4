// BYOL (arXiv 2006.07733): one network predicts the projection that its own moving average makes of
// another view.
#pragma once

#include <memory>

#include "mkdt/ssl/projector.h"
#include "mkdt/ssl/ssl_algorithm.h"

namespace mkdt {

// Computes equation 2, mean over the batch: ‖q̄ − z̄‖² = 2 − 2 ⟨q, z⟩ / (‖q‖ ‖z‖). prediction q and
// target z are [B,D]; no gradient goes through z.
torch::Tensor byol_loss(const torch::Tensor& prediction, const torch::Tensor& target);

// Returns the share that a target keeps of itself: 1 − (1 − base)·(cos(π·progress) + 1)/2 (section
// 3.3), progress from 0 to 1.
double byol_ema(double base, double progress);

// The loss is symmetrised: each view is predicted from the other. The target (encoder and
// projector) starts as the online network; its batch norms take the statistics of their own
// batches, and the running ones are averaged along with the parameters.
class Byol final : public SslAlgorithm {
 public:
  Byol(const BackboneShape& shape, const Backbone& encoder, const ProjectorShape& projector,
       double ema, at::Generator& generator);

  // Returns the prediction as `compared`, and the moving average's projection as `target`.
  Projection project(const torch::Tensor& images, const torch::Tensor& features) override;
  torch::Tensor compare(const Projection& first, const Projection& second) const override;
  void after_step(const Backbone& encoder, double progress) override;

 private:
  torch::Tensor target_projection(const torch::Tensor& images);

  std::shared_ptr<Projector> projector_, predictor_;
  std::shared_ptr<Backbone> target_encoder_;
  std::shared_ptr<Projector> target_projector_;
  double ema_;
};

}  // namespace mkdt
