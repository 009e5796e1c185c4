// What self-supervised algorithms have in common: two views of the same images, and a loss.
#pragma once

#include <memory>

#include <ATen/Generator.h>
#include <torch/nn/module.h>

#include "mkdt/nn/resnet.h"
#include "mkdt/ssl/teacher_options.h"

namespace mkdt {

struct TwoViews {
  torch::Tensor images1, images2;      // float [B,3,H,W] in normalised space
  torch::Tensor features1, features2;  // float32 [B,F]: the encoder's, with their graph
};

// One step of training is: views → encoder → loss → optimiser. An algorithm brings the loss and
// the modules behind it (projector, predictor, moving averages); whatever is registered as a
// parameter is trained with the encoder, and everything registered is in the checkpoints.
class SslAlgorithm : public torch::nn::Module {
 public:
  // Differentiable scalar.
  virtual torch::Tensor loss(const TwoViews& views) = 0;
  // Called after every update of the encoder.
  virtual void after_step(const ResNet& /*encoder*/) {}
};

// The one that options.algorithm names, for an encoder with `features` dimensions.
std::shared_ptr<SslAlgorithm> make_ssl_algorithm(const TeacherOptions& options, int64_t features,
                                                 at::Generator& generator);

}  // namespace mkdt
