// Chooses the real images from which the synthetic set starts, and the subsets with which it is
// compared.
#pragma once

#include <cstdint>

#include <torch/types.h>

#include "mkdt/base/observer.h"
#include "mkdt/data/image_set.h"
#include "mkdt/expert/trajectory.h"

namespace mkdt {

// Clusters of representations.
struct Clusters {
  torch::Tensor centroids;    // float32 [count,d]
  torch::Tensor assignments;  // int64 [N], the nearest centroid's index
  int64_t iterations = 0;
};

// Runs Lloyd's algorithm (1982) by squared Euclidean distance from a k-means++ start (Arthur and
// Vassilvitskii 2007), until no row changes its cluster or after 100 iterations. A cluster without
// rows moves to the row that is farthest from its centroid. values float [N,d] on any device, 1 ≤
// count ≤ N; memory for one block of rows × count. The same seed gives the same clusters. Throws
// Stopped within a block, or a centroid of the start, of the wish to stop.
Clusters kmeans(const torch::Tensor& values, int64_t count, uint64_t seed,
                const Observer& observer = Observer());

// Returns the nearest row to each of `count` centroids, distinct and sorted: int64 [count] on the
// CPU.
torch::Tensor kmeans_subset(const torch::Tensor& values, int64_t count, uint64_t seed,
                            const Observer& observer = Observer());

// The kinds of subsets, as options, files and tables call them.
inline constexpr const char* kRandomSubset = "random";
inline constexpr const char* kHighLossSubset = "high-loss";
inline constexpr const char* kKMeansSubset = "k-means";

// Returns `count` of `total` rows, uniformly without replacement, sorted; int64 [count].
torch::Tensor random_subset(int64_t total, int64_t count, uint64_t seed);

// Returns the rows with the highest values, sorted by row; ties go to the lower row. `losses` is
// [N].
torch::Tensor high_loss_subset(const torch::Tensor& losses, int64_t count);

// expert_losses looks at so many images together.
constexpr int64_t kExpertLossBatch = 4096;

// Returns the regression loss of each of the images [begin,end) at `theta`: [end−begin], on the
// device of `targets` [N,d]. Without gradient.
torch::Tensor losses_of_rows(const Network& network, const torch::Tensor& theta,
                             const ImageSet& images, const torch::Tensor& targets, int64_t begin,
                             int64_t end, const Observer& observer);

// Returns each image's regression loss, averaged over experts and their recorded epochs 1 … T
// (MKDT, arXiv 2410.02116, section 4.3): float64 [N] on the CPU. `targets` [N,d] are on the device
// on which to compute.
torch::Tensor expert_losses(const ImageSet& images, const torch::Tensor& targets,
                            const TrajectoryStore& experts, const Network& network,
                            Observer& observer);

}  // namespace mkdt
