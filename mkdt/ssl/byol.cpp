#include "mkdt/ssl/byol.h"

#include <cmath>

#include <torch/nn/functional/distance.h>
#include <torch/utils.h>

namespace mkdt {
namespace {

namespace nn = torch::nn;

// target ← rate·target + (1 − rate)·online, for parameters and running statistics alike.
void average_into(nn::Module& target, const nn::Module& online, double rate) {
  const torch::NoGradGuard no_grad;
  const auto average = [&](const std::vector<torch::Tensor>& targets,
                           const std::vector<torch::Tensor>& sources) {
    for (size_t i = 0; i < targets.size(); ++i) {
      const torch::Tensor& tensor = targets[i];
      if (tensor.is_floating_point()) {
        tensor.lerp_(sources[i], 1 - rate);
      } else {
        tensor.copy_(sources[i]);  // counts of batches
      }
    }
  };
  average(target.parameters(), online.parameters());
  average(target.buffers(), online.buffers());
}

ProjectorShape predictor_shape(const ProjectorShape& projector) {
  return {2, projector.hidden, projector.output};
}

}  // namespace

torch::Tensor byol_loss(const torch::Tensor& prediction, const torch::Tensor& target) {
  TORCH_CHECK(prediction.dim() == 2 && prediction.sizes() == target.sizes(), prediction.sizes(),
              " and ", target.sizes());
  const auto along = nn::functional::CosineSimilarityFuncOptions().dim(1);
  return (2 - 2 * nn::functional::cosine_similarity(prediction, target.detach(), along)).mean();
}

double byol_ema(double base, double progress) {
  return 1 - (1 - base) * (std::cos(std::acos(-1.0) * progress) + 1) / 2;
}

Byol::Byol(const BackboneShape& shape, const Backbone& encoder, const ProjectorShape& projector,
           double ema, at::Generator& generator)
    : projector_(register_module(
          "projector", std::make_shared<Projector>(encoder.feature_dim(), projector, generator))),
      predictor_(register_module(
          "predictor",
          std::make_shared<Projector>(projector.output, predictor_shape(projector), generator))),
      target_encoder_(register_module("target_encoder", make_backbone(shape, generator))),
      target_projector_(register_module(
          "target_projector",
          std::make_shared<Projector>(encoder.feature_dim(), projector, generator))),
      ema_(ema) {
  average_into(*target_encoder_, encoder, 0);
  average_into(*target_projector_, *projector_, 0);
  for (nn::Module* module : {static_cast<nn::Module*>(target_encoder_.get()),
                             static_cast<nn::Module*>(target_projector_.get())}) {
    for (torch::Tensor& parameter : module->parameters()) parameter.set_requires_grad(false);
  }
}

torch::Tensor Byol::target_projection(const torch::Tensor& images) {
  const torch::NoGradGuard no_grad;
  return target_projector_->forward(target_encoder_->features(images), is_mixed_precision(images));
}

Projection Byol::project(const torch::Tensor& images, const torch::Tensor& features) {
  const torch::Tensor z = projector_->forward(features, is_mixed_precision(images));
  return {predictor_->forward(z, is_mixed_precision(images)), target_projection(images), z};
}

torch::Tensor Byol::compare(const Projection& first, const Projection& second) const {
  return byol_loss(first.compared, second.target) + byol_loss(second.compared, first.target);
}

void Byol::after_step(const Backbone& encoder, double progress) {
  const double rate = byol_ema(ema_, progress);
  average_into(*target_encoder_, encoder, rate);
  average_into(*target_projector_, *projector_, rate);
}

}  // namespace mkdt
