// A student that learns by itself: a stateless network with a projector behind its features, all
// of it one flat vector, trained with Barlow Twins on views of real or synthetic images.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/data/image_set.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/nn/network.h"
#include "mkdt/nn/regression.h"
#include "mkdt/ssl/views.h"

namespace mkdt {

// Images to learn from without targets: it gives pairs of random views of those that are asked for.
struct SslSource {
  int64_t size = 0;        // images
  int64_t image_size = 0;  // pixels
  torch::Device device = torch::kCPU;
  // Returns the images of `rows` (int64 [B], on the CPU) as `views` say: float32 [B,C,S,S] in
  // normalised space, on the device.
  std::function<torch::Tensor(const torch::Tensor& rows, const std::vector<ViewParameters>& views)>
      views_of;
};

// Shows real images, grey or in colour, through make_views.
SslSource ssl_source(const ImageSet& images, torch::Device device);

// Shows synthetic images [M,C,S,S] in normalised space through differentiable_views.
SslSource ssl_source(const torch::Tensor& images, const Normalisation& normalisation,
                     torch::Device device);

// Two views of each image.
struct ViewPairs {
  std::vector<ViewParameters> first, second;
};
ViewPairs draw_pairs(int64_t count, int64_t image_size, const ViewOptions& options,
                     at::Generator& generator);

struct SslOptions {
  int64_t projector_hidden = 256;
  int64_t projector_output = 256;  // D
  double lambda = 5e-3;            // of Barlow Twins
  ViewOptions views;               // without blur and solarisation
};

// θ is the network's without its linear head, which has no part in self-supervision, then the
// projector's: [H,F], [H], ReLU, [D,H], [D]. The projector has no batch norm, so that an image's
// embedding does not depend on its batch; Barlow Twins normalises over the batch itself, which also
// takes away the last bias: its gradient is zero. The student's features are the hidden layer's,
// its outputs the embeddings that are compared, [B,D].
class SslStudent final : public Network {
 public:
  // Throws Error if an option is not positive.
  SslStudent(NetworkPtr network, const SslOptions& options);

  torch::Tensor initialise(at::Generator& generator) const override;
  // Returns the network's description with the projector's sizes.
  std::map<std::string, std::string> describe() const override;
  std::shared_ptr<const Network> with_operators(Operators operators) const override;

  // Returns a student's θ: one of the network, and one of the projector, drawn from `generator`.
  torch::Tensor join(const torch::Tensor& network_theta, at::Generator& generator) const;
  // Returns a network's θ: the student's body with the head of `network_theta`.
  torch::Tensor body_into(const torch::Tensor& network_theta, const torch::Tensor& theta) const;

 private:
  torch::Tensor features_of(const std::vector<torch::Tensor>& parameters,
                            const torch::Tensor& images) const override;

  NetworkPtr network_;
  int64_t body_;  // parameters of the network before its head
};

// Makes an SSL student from its description, as make_network does for other networks.
NetworkPtr make_ssl_student(const std::map<std::string, std::string>& description,
                            const std::string& origin);

// Returns Barlow Twins' loss between the outputs for two views [B,C,S,S] of the same images,
// divided by D so that a learning rate means the same for every D: about 1 for unrelated
// embeddings.
torch::Tensor ssl_loss(const Network& student, const torch::Tensor& theta,
                       const torch::Tensor& first, const torch::Tensor& second, double lambda);

// Takes one step of SGD, as in nn/regression.h, on the loss of two views; returns the loss before
// it. Replaces the tensors of `state`.
double ssl_step(const Network& student, Student& state, const torch::Tensor& first,
                const torch::Tensor& second, double lambda, const SgdOptions& sgd);

// Takes such a step on the images `rows` of `source`, as views drawn from `generator` show them.
double ssl_step(const Network& student, Student& state, const SslSource& source,
                const torch::Tensor& rows, const SslOptions& options, const SgdOptions& sgd,
                at::Generator& generator);

// Pre-trains an encoder by self-supervision, without targets, on real or on synthetic images:
// trains initial_encoder(network, seed) behind a fresh projector, with Barlow Twins, for `steps`
// batches of successive random permutations; `seed` decides all that is random. What is left of a
// permutation and would not fill a batch is dropped. `after_step(step, theta)`, step = 1 … steps,
// gets what is returned: the network's θ [P], whose head is as it was, on the source's device.
// Throws Error for fewer than two images, DivergedError as soon as a batch's loss, or the last θ,
// is not finite.
torch::Tensor ssl_pretrain(const NetworkPtr& network, const SslSource& images, int64_t steps,
                           const TrainingOptions& options, const SslOptions& ssl, uint64_t seed,
                           const AfterStep& after_step = nullptr);

// Makes a comparison method's pre-training of it.
Pretraining ssl_pretraining(const SslSource& images, const SslOptions& ssl);

}  // namespace mkdt
