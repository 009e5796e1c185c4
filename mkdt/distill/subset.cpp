#include "mkdt/distill/subset.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/core/finite.h"
#include "mkdt/core/random.h"
#include "mkdt/core/stopped.h"

namespace mkdt {

torch::Tensor random_subset(int64_t total, int64_t count, uint64_t seed) {
  at::Generator generator = make_generator(seed, "subset/random");
  const torch::Tensor order = torch::randperm(total, generator, torch::kInt64);
  return std::get<0>(order.slice(0, 0, count).sort());
}

torch::Tensor high_loss_subset(const torch::Tensor& losses, int64_t count) {
  const torch::Tensor order =
      std::get<1>(losses.cpu().sort(/*stable=*/true, /*dim=*/0, /*descending=*/true));
  return std::get<0>(order.slice(0, 0, count).sort());
}

torch::Tensor expert_losses(const ImageSet& images, const torch::Tensor& targets,
                            const TrajectoryStore& experts, const Network& network,
                            Observer& observer) {
  const torch::NoGradGuard no_grad;
  const torch::Device device = targets.device();
  torch::Tensor total = torch::zeros({images.size()}, torch::kFloat64);
  int64_t terms = 0;
  observer.begin("subset", experts.count(), "experts");
  for (int64_t index = 0; index < experts.count(); ++index) {
    const ExpertTrajectory trajectory = experts.open(index, network, /*epochs=*/1);
    for (int64_t epoch = 1; epoch <= trajectory.epochs(); ++epoch, ++terms) {
      const torch::Tensor theta = trajectory.theta(epoch, device);
      for (int64_t begin = 0; begin < images.size(); begin += kExpertLossBatch) {
        const int64_t end = std::min(begin + kExpertLossBatch, images.size());
        const auto images_at = [&](int64_t first, int64_t last) {
          throw_if_stopped(observer);
          return images.normalised(torch::arange(begin + first, begin + last), device);
        };
        const torch::Tensor outputs = outputs_in_batches(network, theta, images_at, end - begin);
        const torch::Tensor losses = (outputs - targets.slice(0, begin, end)).square().mean(1);
        expect_finite(losses, fmt::format("{}: epoch {}: the loss on images {} to {}",
                                          trajectory.origin, epoch, begin, end - 1));
        total.slice(0, begin, end) += losses.to(torch::kCPU, torch::kFloat64);
      }
    }
    observer.advance(index + 1, "");
  }
  observer.end();
  return total / static_cast<double>(terms);
}

}  // namespace mkdt
