#include "mkdt/judge/finetune.h"

#include <cmath>

#include <fmt/format.h>
#include <torch/autograd.h>
#include <torch/utils.h>

#include "mkdt/base/finite.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/pi.h"
#include "mkdt/base/random.h"
#include "mkdt/data/batches.h"
#include "mkdt/distill/pretrain.h"

namespace mkdt {
namespace {

// Trains one tensor: v ← momentum·v + (g + weight_decay·p), p ← p − lr·v.
struct Trained {
  torch::Tensor value, velocity;

  explicit Trained(const torch::Tensor& start)
      : value(start.detach().clone().requires_grad_()), velocity(torch::zeros_like(start)) {}

  void step(const torch::Tensor& gradient, double lr, const FinetuneOptions& options) {
    const torch::NoGradGuard no_grad;
    velocity.mul_(options.momentum);
    if (options.weight_decay > 0) velocity.add_(value, options.weight_decay);
    if (gradient.defined()) velocity.add_(gradient);
    value.add_(velocity, -lr);
  }
};

DivergedError diverged(int64_t step) {
  return DivergedError(
      fmt::format("fine-tuning diverged at step {}: expected a lower "
                  "evaluate.finetune_lr or evaluate.finetune_head_lr",
                  step));
}

}  // namespace

FinetunedEncoder finetune(const Network& network, const torch::Tensor& theta,
                          const ImageSet& images, const torch::Tensor& rows, int64_t classes,
                          const FinetuneOptions& options, uint64_t seed, const Observer& observer) {
  const torch::Device device = theta.device();
  at::Generator order = make_generator(seed, "eval/finetune");
  Trained encoder(theta);
  Trained weight(torch::zeros({classes, network.feature_dim()}, theta.options()));
  Trained bias(torch::zeros({classes}, theta.options()));
  const int64_t batches = (rows.numel() + options.batch - 1) / options.batch;
  const int64_t steps = options.epochs * batches;
  int64_t step = 0;
  for (int64_t epoch = 0; epoch < options.epochs; ++epoch) {
    for (const torch::Tensor& batch : shuffled_batches(rows.numel(), options.batch, order)) {
      throw_if_stopped(observer);
      const torch::Tensor chosen = rows.index_select(0, batch);
      const torch::Tensor features =
          network.features(encoder.value, images.normalised(chosen, device));
      const torch::Tensor scores = torch::addmm(bias.value, features, weight.value.t());
      const torch::Tensor loss =
          torch::cross_entropy_loss(scores, images.labels.index_select(0, chosen).to(device));
      if (!std::isfinite(loss.item<double>())) throw diverged(step + 1);
      const auto gradients =
          torch::autograd::grad({loss}, {encoder.value, weight.value, bias.value});
      const double cosine =
          0.5 * (1 + std::cos(kPi * static_cast<double>(step) / static_cast<double>(steps)));
      encoder.step(gradients[0], options.lr * cosine, options);
      weight.step(gradients[1], options.head_lr * cosine, options);
      bias.step(gradients[2], options.head_lr * cosine, options);
      ++step;
    }
  }
  for (const torch::Tensor& value : {encoder.value, weight.value, bias.value}) {
    if (!all_finite(value)) throw diverged(step);
  }
  return {encoder.value.detach(), weight.value.detach(), bias.value.detach()};
}

torch::Tensor class_scores(const Network& network, const FinetunedEncoder& encoder,
                           const ImageSet& images, const Observer& observer) {
  const torch::NoGradGuard no_grad;
  const auto images_at = [&](int64_t begin, int64_t end) {
    throw_if_stopped(observer);
    return images.normalised(torch::arange(begin, end, torch::kLong), encoder.theta.device());
  };
  const torch::Tensor features =
      features_in_batches(network, encoder.theta, images_at, images.size());
  return torch::addmm(encoder.bias, features, encoder.weight.t());
}

}  // namespace mkdt
