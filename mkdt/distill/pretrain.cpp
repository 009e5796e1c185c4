#include "mkdt/distill/pretrain.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/random.h"
#include "mkdt/data/batches.h"
#include "mkdt/data/image_set.h"

namespace mkdt {
namespace {

DivergedError diverged(int64_t step, double lr) {
  return DivergedError(fmt::format(
      "pre-training diverged at step {} with learning rate {}: expected a lower pretrain.lr", step,
      lr));
}

}  // namespace

torch::Tensor initial_encoder(const Network& network, uint64_t seed, torch::Device device) {
  at::Generator generator = make_generator(seed, "eval/initialisation");
  return network.initialise(generator).to(device);
}

torch::Tensor pretrain(const Network& network, const RegressionSet& set, int64_t steps,
                       const TrainingOptions& options, uint64_t seed, const AfterStep& after_step) {
  const torch::Device device = set.targets.device();
  at::Generator order = make_generator(seed, "eval/order");
  Student student;
  student.theta = initial_encoder(network, seed, device);
  int64_t step = 0;
  const LastBatch last = options.short_batches ? LastBatch::kShort : LastBatch::kDropped;
  for (const torch::Tensor& batch :
       batches_for_steps(set.size(), options.batch, steps, order, last)) {
    const torch::Tensor targets = set.targets.index_select(0, batch.to(device));
    const double loss = sgd_step(network, student, set.images_at(batch), targets, options.sgd);
    ++step;
    if (!std::isfinite(loss)) throw diverged(step, options.sgd.lr);
    if (after_step) after_step(step, student.theta);
  }
  if (!all_finite(student.theta)) throw diverged(step, options.sgd.lr);
  return student.theta;
}

double representation_loss(const Network& network, const torch::Tensor& theta,
                           const RegressionSet& held_out) {
  const auto images_at = [&](int64_t begin, int64_t end) {
    return held_out.images_at(torch::arange(begin, end, torch::kLong));
  };
  return mean_regression_loss(network, theta, images_at, held_out.targets);
}

namespace {

void check_counts(const std::string& what, int64_t images, const torch::Tensor& targets) {
  if (targets.dim() != 2 || targets.size(0) != images || images == 0) {
    throw Error(fmt::format("{}: expected one target representation an image, got {} for {} images",
                            what, targets.dim() == 0 ? 0 : targets.size(0), images));
  }
}

}  // namespace

RegressionSet regression_set(const ImageSet& images, const torch::Tensor& targets,
                             torch::Device device) {
  check_counts(images.name, images.size(), targets);
  return {[there = ImagesOnDevice(images, device)](const torch::Tensor& indices) {
            return there.normalised(indices);
          },
          targets.to(device)};
}

RegressionSet stoppable(RegressionSet set, const Observer& observer) {
  set.images_at = [images_at = set.images_at, &observer](const torch::Tensor& indices) {
    throw_if_stopped(observer);
    return images_at(indices);
  };
  return set;
}

RegressionSet regression_set(const torch::Tensor& images, const torch::Tensor& targets,
                             torch::Device device) {
  check_counts("synthetic set", images.size(0), targets);
  const torch::Tensor there = images.to(device);
  return {[there, device](const torch::Tensor& indices) {
            return there.index_select(0, indices.to(device));
          },
          targets.to(device)};
}

namespace {

constexpr double kLeastVariance = 1e-12;  // of features that are all the same

}  // namespace

torch::Tensor with_fitted_head(const Network& network, const torch::Tensor& theta,
                               const RegressionSet& training, double ridge) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor rows = spread_rows(training.size(), kMostFittedRows);
  const auto images_at = [&](int64_t begin, int64_t end) {
    return training.images_at(rows.slice(0, begin, end));
  };
  const torch::Tensor x =
      features_in_batches(network, theta, images_at, rows.numel()).to(torch::kFloat64);
  if (!all_finite(x)) {
    throw DivergedError("fitted head: expected finite features, got infinite or NaN ones");
  }
  const torch::Tensor z =
      training.targets.index_select(0, rows.to(training.targets.device())).to(torch::kFloat64);
  const torch::Tensor x_mean = x.mean(0), z_mean = z.mean(0);
  const torch::Tensor centred = x - x_mean;
  const auto count = static_cast<double>(rows.numel());
  torch::Tensor gram = centred.t().mm(centred) / count;  // [F,F]
  const double variance = gram.diagonal().mean().item<double>();
  gram.diagonal().add_(ridge * std::max(variance, kLeastVariance));
  const torch::Tensor moments = centred.t().mm(z - z_mean) / count;  // [F,d]
  const auto [factor, info] = torch::linalg_cholesky_ex(gram);
  if (info.item<int64_t>() != 0) {
    throw Error(
        fmt::format("fitted head: expected independent features, or a ridge above {}", ridge));
  }
  const torch::Tensor solved = torch::cholesky_solve(moments, factor);
  const torch::Tensor weight = solved.t();  // [d,F]
  const torch::Tensor bias = z_mean - weight.mv(x_mean);

  torch::Tensor fitted = theta.detach().clone();
  const int64_t head = weight.numel() + bias.numel();
  fitted.slice(0, fitted.numel() - head)
      .copy_(torch::cat({weight.flatten(), bias}).to(fitted.scalar_type()));
  return fitted;
}

namespace {

constexpr double kRidge = 1e-3;  // relative to the features' mean square

}  // namespace

Pretraining regression_pretraining(const RegressionSet& set, double syn_lr) {
  Pretraining pretraining;
  pretraining.train = [set](const NetworkPtr& network, int64_t steps,
                            const TrainingOptions& options, uint64_t seed,
                            const AfterStep& after_step) {
    return pretrain(*network, set, steps, options, seed, after_step);
  };
  pretraining.set_size = set.size();
  pretraining.syn_lr = syn_lr;
  return pretraining;
}

HeldOutLoss loss_on(const RegressionSet& held_out) {
  return [held_out](const Network& network, const torch::Tensor& theta) {
    return representation_loss(network, theta, held_out);
  };
}

HeldOutLoss loss_of_fitted_head(const RegressionSet& training, const RegressionSet& held_out) {
  return [training, held_out](const Network& network, const torch::Tensor& theta) {
    return representation_loss(network, with_fitted_head(network, theta, training, kRidge),
                               held_out);
  };
}

}  // namespace mkdt
