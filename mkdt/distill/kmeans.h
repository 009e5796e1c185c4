// Clusters of representations, and the images that stand for them.
#pragma once

#include <cstdint>

#include <torch/types.h>

#include "mkdt/core/observer.h"

namespace mkdt {

struct Clusters {
  torch::Tensor centroids;    // float32 [count,d]
  torch::Tensor assignments;  // int64 [N], the nearest centroid's index
  int64_t iterations = 0;
};

// Lloyd's algorithm (1982) by squared Euclidean distance from a k-means++ start (Arthur and
// Vassilvitskii 2007), until no row changes its cluster or after 100 iterations. A cluster without
// rows moves to the row that is farthest from its centroid. values float [N,d] on any device,
// 1 ≤ count ≤ N; memory for one block of rows × count. The same seed gives the same clusters.
// Throws Stopped within a block, or a centroid of the start, of the wish to stop.
Clusters kmeans(const torch::Tensor& values, int64_t count, uint64_t seed,
                const Observer& observer = Observer());

// The nearest row to each of `count` centroids, distinct and sorted: int64 [count] on the CPU.
torch::Tensor kmeans_subset(const torch::Tensor& values, int64_t count, uint64_t seed,
                            const Observer& observer = Observer());

}  // namespace mkdt
