#include "mkdt/distill/subset.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/random.h"

namespace mkdt {
namespace {

constexpr int64_t kMaxIterations = 100;
constexpr int64_t kRows = 4096;  // a block

struct Nearest {
  torch::Tensor distance;  // [N], squared
  torch::Tensor index;     // int64 [N]
};

// Takes ‖x − c‖² = ‖x‖² − 2⟨x, c⟩ + ‖c‖², block by block.
Nearest nearest_centroid(const torch::Tensor& values, const torch::Tensor& centroids,
                         const Observer& observer) {
  std::vector<torch::Tensor> distances, indices;
  const torch::Tensor squares = centroids.square().sum(1);
  for (int64_t begin = 0; begin < values.size(0); begin += kRows) {
    throw_if_stopped(observer);
    const torch::Tensor rows = values.slice(0, begin, std::min(begin + kRows, values.size(0)));
    const auto [least, index] = (squares - 2 * rows.mm(centroids.t())).min(1);
    distances.push_back((least + rows.square().sum(1)).clamp_min(0));
    indices.push_back(index);
  }
  return {torch::cat(distances), torch::cat(indices)};
}

// Draws each next centroid among the rows with a probability proportional to its squared distance
// from the nearest one so far.
torch::Tensor first_centroids(const torch::Tensor& values, int64_t count, at::Generator& random,
                              const Observer& observer) {
  const int64_t row = draw_below(values.size(0), random);
  std::vector<torch::Tensor> centroids = {values[row]};
  torch::Tensor distance = (values - values[row]).square().sum(1);
  while (static_cast<int64_t>(centroids.size()) < count) {
    throw_if_stopped(observer);
    const torch::Tensor sums = distance.cpu().to(torch::kFloat64).cumsum(0);
    const double total = sums[-1].item<double>();
    if (!std::isfinite(total)) {
      throw Error(
          "k-means: the distances between representations are not finite; teacher.standardise "
          "brings representations to a usual size");
    }
    const double draw = torch::rand({1}, random, torch::kFloat64).item<double>() * total;
    const auto place = torch::searchsorted(sums, torch::tensor({draw}, torch::kFloat64),
                                           /*out_int32=*/false, /*right=*/true);
    const int64_t next = std::min(place.item<int64_t>(), values.size(0) - 1);
    centroids.push_back(values[next]);
    distance = torch::minimum(distance, (values - values[next]).square().sum(1));
  }
  return torch::stack(centroids);
}

// Returns the means of the clusters; one that is empty takes the row that is farthest from its own.
torch::Tensor means_of(const torch::Tensor& values, const Nearest& nearest, int64_t count) {
  torch::Tensor sums = torch::zeros({count, values.size(1)}, values.options());
  sums.index_add_(0, nearest.index, values);
  const torch::Tensor sizes = torch::bincount(nearest.index, {}, count).to(values.scalar_type());
  torch::Tensor means = sums / sizes.clamp_min(1).unsqueeze(1);
  const torch::Tensor empty = sizes.eq(0).nonzero().flatten();
  if (empty.numel() == 0) return means;
  const torch::Tensor farthest = std::get<1>(nearest.distance.topk(empty.numel()));
  return means.index_copy(0, empty, values.index_select(0, farthest));
}

}  // namespace

Clusters kmeans(const torch::Tensor& values, int64_t count, uint64_t seed,
                const Observer& observer) {
  const torch::NoGradGuard no_grad;
  at::Generator random = make_generator(seed, "subset/k-means");
  // Works on the CPU, where sums have one order.
  const torch::Tensor rows = values.to(torch::kCPU, torch::kFloat32);
  Clusters clusters;
  clusters.centroids = first_centroids(rows, count, random, observer);
  while (clusters.iterations < kMaxIterations) {
    const Nearest nearest = nearest_centroid(rows, clusters.centroids, observer);
    ++clusters.iterations;
    const bool settled =
        clusters.assignments.defined() && torch::equal(nearest.index, clusters.assignments);
    clusters.assignments = nearest.index;
    if (settled) break;
    clusters.centroids = means_of(rows, nearest, count);
  }
  return clusters;
}

torch::Tensor kmeans_subset(const torch::Tensor& values, int64_t count, uint64_t seed,
                            const Observer& observer) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor centroids = kmeans(values, count, seed, observer).centroids;
  const torch::Tensor rows = values.to(torch::kCPU, torch::kFloat32);
  torch::Tensor taken = torch::zeros({rows.size(0)}, rows.options());
  std::vector<int64_t> chosen;
  for (int64_t i = 0; i < count; ++i) {
    throw_if_stopped(observer);
    const torch::Tensor distance = (rows - centroids[i]).square().sum(1) + taken;
    chosen.push_back(distance.argmin().item<int64_t>());
    taken[chosen.back()] = std::numeric_limits<float>::infinity();
  }
  return std::get<0>(torch::tensor(chosen, torch::kLong).sort());
}

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

torch::Tensor losses_of_rows(const Network& network, const torch::Tensor& theta,
                             const ImageSet& images, const torch::Tensor& targets, int64_t begin,
                             int64_t end, const Observer& observer) {
  const torch::NoGradGuard no_grad;
  const auto images_at = [&](int64_t first, int64_t last) {
    throw_if_stopped(observer);
    return images.normalised(torch::arange(begin + first, begin + last), targets.device());
  };
  const torch::Tensor outputs = outputs_in_batches(network, theta, images_at, end - begin);
  return (outputs - targets.slice(0, begin, end)).square().mean(1);
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
        const torch::Tensor losses =
            losses_of_rows(network, theta, images, targets, begin, end, observer);
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
