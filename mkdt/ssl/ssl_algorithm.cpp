#include "mkdt/ssl/ssl_algorithm.h"

#include <utility>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/ssl/byol.h"
#include "mkdt/ssl/losses.h"

namespace mkdt {
namespace {

// Fills in the sizes that the options leave to the algorithm.
ProjectorShape projector_shape(const AlgorithmOptions& options, int64_t layers, int64_t dim,
                               int64_t output) {
  const auto given = [](int64_t value, int64_t own) { return value > 0 ? value : own; };
  ProjectorShape shape;
  shape.layers = given(options.projector_layers, layers);
  shape.hidden = given(options.projector_dim, dim);
  shape.output = given(options.projector_output, output > 0 ? output : shape.hidden);
  return shape;
}

}  // namespace

SslLoss SslAlgorithm::loss(const TwoViews& views) {
  const Projection first = project(views.images1, views.features1);
  const Projection second = project(views.images2, views.features2);
  return {compare(first, second), first.embeddings};
}

std::shared_ptr<SslAlgorithm> make_ssl_algorithm(const AlgorithmOptions& options,
                                                 const BackboneShape& shape,
                                                 const Backbone& encoder,
                                                 at::Generator& generator) {
  using Tensor = torch::Tensor;
  constexpr int64_t kAsHidden = 0;
  const auto joint = [&](const ProjectorShape& projector, JointEmbedding::Loss loss) {
    return std::make_shared<JointEmbedding>(encoder.feature_dim(), projector, std::move(loss),
                                            generator);
  };
  if (options.algorithm == "barlow-twins") {
    return joint(projector_shape(options, 3, 2048, kAsHidden),
                 [lambda = options.lambda](const Tensor& z1, const Tensor& z2) {
                   return barlow_twins_loss(z1, z2, lambda);
                 });
  }
  if (options.algorithm == "simclr") {
    return joint(projector_shape(options, 2, 2048, 128),
                 [temperature = options.temperature](const Tensor& z1, const Tensor& z2) {
                   return nt_xent_loss(z1, z2, temperature);
                 });
  }
  if (options.algorithm == "vicreg") {
    const ProjectorShape projector = projector_shape(options, 3, 2048, kAsHidden);
    const VicRegWeights weights = published_weights(
        {options.invariance, options.variance, options.covariance}, projector.output);
    return joint(projector, [weights](const Tensor& z1, const Tensor& z2) {
      return vicreg_loss(z1, z2, weights);
    });
  }
  if (options.algorithm == "byol") {
    return std::make_shared<Byol>(shape, encoder, projector_shape(options, 2, 4096, 256),
                                  options.ema, generator);
  }
  throw Error(fmt::format("teacher.algorithm: '{}' is not known", options.algorithm));
}

JointEmbedding::JointEmbedding(int64_t features, const ProjectorShape& projector, Loss loss,
                               at::Generator& generator)
    : projector_(register_module("projector",
                                 std::make_shared<Projector>(features, projector, generator))),
      loss_(std::move(loss)) {}

Projection JointEmbedding::project(const torch::Tensor& images, const torch::Tensor& features) {
  const torch::Tensor z = projector_->forward(features, is_mixed_precision(images));
  return {z, {}, z};
}

torch::Tensor JointEmbedding::compare(const Projection& first, const Projection& second) const {
  return loss_(first.compared, second.compared);
}

}  // namespace mkdt
