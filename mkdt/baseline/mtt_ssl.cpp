#include "mkdt/baseline/mtt_ssl.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mkdt/baseline/differentiable_views.h"
#include "mkdt/baseline/ssl_source.h"
#include "mkdt/baseline/ssl_student.h"
#include "mkdt/core/error.h"
#include "mkdt/core/random.h"
#include "mkdt/data/batches.h"
#include "mkdt/distill/distiller.h"
#include "mkdt/expert/recorder.h"

namespace mkdt {
namespace {

constexpr const char* kName = "mtt_ssl";

// One epoch; returns the mean loss of its batches.
double train_epoch(const MttSsl& mtt, const Network& student, const SslSource& source,
                   Student& state, at::Generator& generator) {
  const MttSslOptions& options = mtt.options;
  const int64_t steps = std::max<int64_t>(1, source.size / options.train_batch);
  double total = 0;
  for (const torch::Tensor& rows :
       batches_for_steps(source.size, options.train_batch, steps, generator)) {
    total += ssl_step(student, state, source, rows, options.ssl(), options.train_sgd(), generator);
  }
  return total / static_cast<double>(steps);
}

}  // namespace

DrawInnerLoss ssl_inner_loss(const SslOptions& options, int64_t image_size,
                             const Normalisation& normalisation) {
  return [=](const std::vector<torch::Tensor>& batches, at::Generator& generator) -> InnerLoss {
    // All of them before the first step: both sweeps of a meta-gradient see the same views.
    std::vector<ViewPairs> pairs;
    pairs.reserve(batches.size());
    for (const torch::Tensor& batch : batches) {
      pairs.push_back(draw_pairs(batch.size(0), image_size, options.views, generator));
    }
    return [=](const Network& student, int64_t step, const torch::Tensor& theta,
               const torch::Tensor& images, const torch::Tensor& /*targets*/) {
      const ViewPairs& views = pairs[static_cast<size_t>(step)];
      return ssl_loss(student, theta, differentiable_views(images, views.first, normalisation),
                      differentiable_views(images, views.second, normalisation), options.lambda);
    };
  };
}

ExpertTrajectory record_ssl_expert(const MttSsl& mtt, int64_t index) {
  at::Generator generator =
      make_generator(mtt.seed, "mtt-ssl/expert", static_cast<uint64_t>(index));
  const SslSource source = ssl_source(mtt.images, mtt.device);
  const auto student = std::make_shared<SslStudent>(mtt.network, mtt.options.ssl());
  Student state;
  state.theta = student->initialise(generator).to(mtt.device);
  std::vector<torch::Tensor> thetas = {state.theta.cpu()};
  ExpertTrajectory trajectory;
  for (int64_t epoch = 1; epoch <= mtt.options.matching.readable_epochs(); ++epoch) {
    const double loss = train_epoch(mtt, *student, source, state, generator);
    if (!std::isfinite(loss) || !state.theta.isfinite().all().item<bool>()) {
      throw Error(
          fmt::format("{}: the loss of expert {} is not finite in epoch {}; lower "
                      "{}.train_lr (it is {})",
                      kName, index, epoch, kName, mtt.options.train_lr));
    }
    thetas.push_back(state.theta.cpu());
    trajectory.losses.push_back(loss);
  }
  trajectory.network = student;
  trajectory.thetas = torch::stack(thetas);
  return trajectory;
}

DistillState mtt_ssl(const MttSsl& mtt, const torch::Tensor& start_images, Observer& observer) {
  if (start_images.size(0) < 2 || mtt.images.size() < 2) {
    throw Error(
        fmt::format("{}: two images or more have views to compare; got {} synthetic, {} "
                    "real ones",
                    kName, start_images.size(0), mtt.images.size()));
  }
  // 1. Train experts on the real images with the self-supervised loss.
  const TrajectoryStore experts(mtt.folder / "experts", mtt.options.experts, make_ssl_student);
  record_missing(
      experts, mtt.expert_key, "mtt_ssl/experts",
      [&](int64_t index) { return record_ssl_expert(mtt, index); }, observer);

  // 2. Match their trajectories, as MKDT does, but with inner steps on that loss.
  const Distillation distillation = {
      std::make_shared<SslStudent>(mtt.network, mtt.options.ssl()),
      experts,
      mtt.options.matching,
      mtt.seed,
      mtt.device,
      mtt.folder / "checkpoint.safetensors",
      mtt.key,
      ssl_inner_loss(mtt.options.ssl(), mtt.network->image_size(), mtt.images.normalisation),
      kName};
  const torch::Tensor no_targets = torch::zeros({start_images.size(0), 0});
  return distill(distillation, start_images, no_targets, observer);
}

}  // namespace mkdt
