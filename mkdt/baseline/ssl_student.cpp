#include "mkdt/baseline/ssl_student.h"

#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/base/random.h"
#include "mkdt/base/units.h"
#include "mkdt/baseline/differentiable_views.h"
#include "mkdt/data/batches.h"
#include "mkdt/ssl/losses.h"

namespace mkdt {

SslSource ssl_source(const ImageSet& images, torch::Device device) {
  // A grey image has three equal channels, and so have its views: one of them is enough.
  const ImageSet colour = with_three_channels(images);
  const int64_t channels = images.channels();
  return {images.size(), images.image_size(), device,
          [=](const torch::Tensor& rows, const std::vector<ViewParameters>& views) {
            return make_views(colour.images.index_select(0, rows), views, colour.normalisation)
                .narrow(1, 0, channels)
                .to(device);
          }};
}

SslSource ssl_source(const torch::Tensor& images, const Normalisation& normalisation,
                     torch::Device device) {
  const torch::Tensor there = images.to(device);
  return {images.size(0), images.size(2), device,
          [=](const torch::Tensor& rows, const std::vector<ViewParameters>& views) {
            const torch::NoGradGuard no_grad;
            return differentiable_views(there.index_select(0, rows.to(device)), views,
                                        normalisation);
          }};
}

ViewPairs draw_pairs(int64_t count, int64_t image_size, const ViewOptions& options,
                     at::Generator& generator) {
  ViewPairs pairs;
  pairs.first = draw_views(count, image_size, options, generator);
  pairs.second = draw_views(count, image_size, options, generator);
  return pairs;
}

namespace {

constexpr const char* kHidden = "projector_hidden";
constexpr const char* kOutput = "projector_output";
constexpr size_t kProjectorParameters = 4;

// The network's parameters without its head, the last two.
std::vector<ParameterShape> body_of(const Network& network) {
  std::vector<ParameterShape> parameters = network.layout().parameters();
  parameters.resize(parameters.size() - 2);
  return parameters;
}

ParameterLayout layout_of(const Network& network, const SslOptions& options) {
  const int64_t hidden = options.projector_hidden, output = options.projector_output;
  if (hidden < 1 || output < 1) {
    throw Error(fmt::format("a projector of {} hidden and {} output dimensions: expected positive",
                            hidden, output));
  }
  std::vector<ParameterShape> parameters = body_of(network);
  parameters.push_back({"projector.0.weight", {hidden, network.feature_dim()}});
  parameters.push_back({"projector.0.bias", {hidden}});
  parameters.push_back({"projector.2.weight", {output, hidden}});
  parameters.push_back({"projector.2.bias", {output}});
  return ParameterLayout(std::move(parameters));
}

int64_t entry(const std::map<std::string, std::string>& description, const char* key,
              const std::string& origin) {
  const auto found = description.find(key);
  const auto number = found == description.end() ? std::nullopt : parse_integer(found->second);
  if (!number) throw Error(fmt::format("{}: no '{}' of an SSL student", origin, key));
  return *number;
}

}  // namespace

SslStudent::SslStudent(NetworkPtr network, const SslOptions& options)
    : Network(layout_of(*network, options), network->channels(), network->image_size(),
              network->operators()),
      network_(std::move(network)),
      body_(ParameterLayout(body_of(*network_)).size()) {}

torch::Tensor SslStudent::features_of(const std::vector<torch::Tensor>& parameters,
                                      const torch::Tensor& images) const {
  const size_t projector = parameters.size() - kProjectorParameters;
  std::vector<torch::Tensor> network;
  for (size_t i = 0; i < projector; ++i) network.push_back(parameters[i].flatten());
  network.push_back(torch::zeros({network_->layout().size() - body_},
                                 parameters[0].options().requires_grad(false)));
  const torch::Tensor features = network_->features(torch::cat(network), images);
  return torch::addmm(parameters[projector + 1], features, parameters[projector].t()).relu();
}

torch::Tensor SslStudent::initialise(at::Generator& generator) const {
  return join(network_->initialise(generator), generator);
}

torch::Tensor SslStudent::join(const torch::Tensor& network_theta, at::Generator& generator) const {
  const torch::NoGradGuard no_grad;
  torch::Tensor theta = torch::zeros({layout().size()}, torch::kFloat32);
  theta.narrow(0, 0, body_).copy_(network_theta.narrow(0, 0, body_));
  std::vector<torch::Tensor> parameters = layout().views(theta);
  torch::Tensor* projector = &parameters[parameters.size() - kProjectorParameters];
  // PyTorch's default for linear layers: ± 1/√inputs.
  const double first = 1 / std::sqrt(static_cast<double>(network_->feature_dim()));
  const double second = 1 / std::sqrt(static_cast<double>(feature_dim()));
  projector[0].uniform_(-first, first, generator);
  projector[1].uniform_(-first, first, generator);
  projector[2].uniform_(-second, second, generator);
  projector[3].uniform_(-second, second, generator);
  return theta.to(network_theta.device());
}

torch::Tensor SslStudent::body_into(const torch::Tensor& network_theta,
                                    const torch::Tensor& theta) const {
  const int64_t head = network_theta.size(0) - body_;
  return torch::cat({theta.narrow(0, 0, body_), network_theta.narrow(0, body_, head)});
}

std::map<std::string, std::string> SslStudent::describe() const {
  std::map<std::string, std::string> description = network_->describe();
  description[kHidden] = std::to_string(feature_dim());
  description[kOutput] = std::to_string(output_dim());
  return description;
}

std::shared_ptr<const Network> SslStudent::with_operators(Operators operators) const {
  SslOptions options;
  options.projector_hidden = feature_dim();
  options.projector_output = output_dim();
  return std::make_shared<SslStudent>(network_->with_operators(operators), options);
}

NetworkPtr make_ssl_student(const std::map<std::string, std::string>& description,
                            const std::string& origin) {
  SslOptions options;
  options.projector_hidden = entry(description, kHidden, origin);
  options.projector_output = entry(description, kOutput, origin);
  return std::make_shared<SslStudent>(make_network(description, origin), options);
}

torch::Tensor ssl_loss(const Network& student, const torch::Tensor& theta,
                       const torch::Tensor& first, const torch::Tensor& second, double lambda) {
  // No image's output depends on the others: both views go through together.
  const auto z = student.outputs(theta, torch::cat({first, second})).chunk(2);
  return barlow_twins_loss(z[0], z[1], lambda) / static_cast<double>(z[0].size(1));
}

double ssl_step(const Network& student, Student& state, const torch::Tensor& first,
                const torch::Tensor& second, double lambda, const SgdOptions& sgd) {
  const torch::Tensor theta = state.theta.detach().requires_grad_(true);
  const torch::Tensor loss = ssl_loss(student, theta, first, second, lambda);
  const torch::Tensor gradient = torch::autograd::grad({loss}, {theta})[0];

  const torch::NoGradGuard no_grad;
  const torch::Tensor step = gradient.add(theta, sgd.weight_decay);
  state.velocity = state.velocity.defined() ? state.velocity.mul(sgd.momentum).add_(step) : step;
  state.theta = theta.detach().sub(state.velocity, sgd.lr);
  return loss.item<double>();
}

double ssl_step(const Network& student, Student& state, const SslSource& source,
                const torch::Tensor& rows, const SslOptions& options, const SgdOptions& sgd,
                at::Generator& generator) {
  const ViewPairs pairs = draw_pairs(rows.size(0), source.image_size, options.views, generator);
  return ssl_step(student, state, source.views_of(rows, pairs.first),
                  source.views_of(rows, pairs.second), options.lambda, sgd);
}

namespace {

DivergedError diverged(int64_t step, double lr) {
  return DivergedError(
      fmt::format("self-supervised pre-training diverged at step {} with learning rate {}: "
                  "expected a lower one",
                  step, lr));
}

}  // namespace

torch::Tensor ssl_pretrain(const NetworkPtr& network, const SslSource& images, int64_t steps,
                           const TrainingOptions& options, const SslOptions& ssl, uint64_t seed,
                           const AfterStep& after_step) {
  if (images.size < 2) {
    throw Error(
        fmt::format("self-supervised pre-training needs two images or more, got {}", images.size));
  }
  at::Generator projector = make_generator(seed, "ssl/projector");
  at::Generator order = make_generator(seed, "ssl/order");
  at::Generator views = make_generator(seed, "ssl/views");
  const SslStudent student(network, ssl);
  const torch::Tensor initial = initial_encoder(*network, seed, images.device);
  Student state;
  state.theta = student.join(initial, projector);
  int64_t step = 0;
  for (const torch::Tensor& batch : batches_for_steps(images.size, options.batch, steps, order)) {
    const double loss = ssl_step(student, state, images, batch, ssl, options.sgd, views);
    ++step;
    if (!std::isfinite(loss)) throw diverged(step, options.sgd.lr);
    if (after_step) after_step(step, student.body_into(initial, state.theta));
  }
  if (!all_finite(state.theta)) throw diverged(step, options.sgd.lr);
  return student.body_into(initial, state.theta);
}

Pretraining ssl_pretraining(const SslSource& images, const SslOptions& ssl) {
  Pretraining pretraining;
  pretraining.train = [images, ssl](const NetworkPtr& network, int64_t steps,
                                    const TrainingOptions& options, uint64_t seed,
                                    const AfterStep& after_step) {
    return ssl_pretrain(network, images, steps, options, ssl, seed, after_step);
  };
  pretraining.set_size = images.size;
  pretraining.regresses_targets = false;
  return pretraining;
}

}  // namespace mkdt
