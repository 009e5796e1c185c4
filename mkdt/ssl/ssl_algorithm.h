// SslAlgorithm, the common form of self-supervised algorithms: two views of the same images, a
// projector, and a loss.
#pragma once

#include <functional>
#include <memory>

#include <ATen/Generator.h>
#include <torch/nn/module.h>

#include "mkdt/nn/backbones/backbone.h"
#include "mkdt/ssl/projector.h"
#include "mkdt/ssl/teacher_options.h"

namespace mkdt {

struct TwoViews {
  torch::Tensor images1, images2;      // [B,3,H,W] in normalised space, as the encoder takes them
  torch::Tensor features1, features2;  // float32 [B,F]: the encoder's, with their graph
};

struct SslLoss {
  torch::Tensor value;       // differentiable scalar
  torch::Tensor embeddings;  // float32 [B,D] of the first views, as they are compared: for monitors
};

// An algorithm's result for one view.
struct Projection {
  torch::Tensor compared;    // float32 [B,D], with its graph
  torch::Tensor target;      // of the other view's `compared`, without graph; undefined: its own
                             // `compared`
  torch::Tensor embeddings;  // float32 [B,D], for monitors
};

// One step of training goes: views → encoder → projections → loss → optimiser. The views of an
// image meet in the loss only, so that all before it can be done for both at the same time. An
// algorithm brings the loss and the modules in front of it (projector, predictor, moving averages);
// every registered parameter that requires a gradient is trained with the encoder, and everything
// registered is in the checkpoints.
class SslAlgorithm : public torch::nn::Module {
 public:
  // Projects one view: images [B,3,H,W] and the encoder's features of them, [B,F].
  virtual Projection project(const torch::Tensor& images, const torch::Tensor& features) = 0;
  // Returns a differentiable scalar.
  virtual torch::Tensor compare(const Projection& first, const Projection& second) const = 0;
  // Called after every update of the encoder; `progress` goes from 0 at the first step to 1 at the
  // end of training.
  virtual void after_step(const Backbone& /*encoder*/, double /*progress*/) {}

  // Projects both views and compares them.
  SslLoss loss(const TwoViews& views);
};

// Makes the algorithm that options.algorithm names, for an encoder of that shape with those
// parameters.
std::shared_ptr<SslAlgorithm> make_ssl_algorithm(const AlgorithmOptions& options,
                                                 const BackboneShape& shape,
                                                 const Backbone& encoder, at::Generator& generator);

// Compares the embeddings of two views directly, as Barlow Twins, SimCLR and VICReg do.
class JointEmbedding final : public SslAlgorithm {
 public:
  // Returns a differentiable scalar of embeddings z1 and z2, [B,D].
  using Loss = std::function<torch::Tensor(const torch::Tensor& z1, const torch::Tensor& z2)>;

  JointEmbedding(int64_t features, const ProjectorShape& projector, Loss loss,
                 at::Generator& generator);

  Projection project(const torch::Tensor& images, const torch::Tensor& features) override;
  torch::Tensor compare(const Projection& first, const Projection& second) const override;

 private:
  std::shared_ptr<Projector> projector_;
  Loss loss_;
};

}  // namespace mkdt
