#include "mkdt/judge/knn.h"

#include <algorithm>

#include <torch/nn/functional/normalization.h>
#include <torch/utils.h>

#include "mkdt/base/observer.h"
#include "mkdt/judge/metrics.h"

namespace mkdt {
namespace {

// This many test rows are compared with all training rows at a time.
constexpr int64_t kRows = 256;

torch::Tensor directions(const torch::Tensor& rows) {
  namespace F = torch::nn::functional;
  return F::normalize(rows.to(torch::kFloat32), F::NormalizeFuncOptions().dim(1));
}

}  // namespace

torch::Tensor knn_scores(const torch::Tensor& train, const torch::Tensor& train_labels,
                         const torch::Tensor& test, int64_t classes, const KnnOptions& options,
                         const Observer& observer) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor stored = directions(train);
  const int64_t neighbours = std::min(options.neighbours, train.size(0));
  torch::Tensor votes = torch::zeros({test.size(0), classes}, stored.options());
  for (int64_t begin = 0; begin < test.size(0); begin += kRows) {
    throw_if_stopped(observer);
    const int64_t end = std::min(begin + kRows, test.size(0));
    const torch::Tensor similarity = directions(test.slice(0, begin, end)).mm(stored.t());
    const auto [nearest, rows] = similarity.topk(neighbours, 1);
    // Weights are relative to the nearest row's, so that nothing overflows.
    const torch::Tensor weight = ((nearest - nearest.slice(1, 0, 1)) / options.temperature).exp();
    const torch::Tensor voters = train_labels.index_select(0, rows.flatten()).view_as(rows);
    // Neighbours are added one after the other: a GPU sums several into one place in no fixed
    // order.
    const torch::Tensor sums = votes.slice(0, begin, end);
    for (int64_t i = 0; i < neighbours; ++i) {
      sums.scatter_add_(1, voters.slice(1, i, i + 1), weight.slice(1, i, i + 1));
    }
  }
  return votes;
}

double knn_accuracy(const torch::Tensor& train, const torch::Tensor& train_labels,
                    const torch::Tensor& test, const torch::Tensor& test_labels, int64_t classes,
                    const KnnOptions& options, const Observer& observer) {
  const torch::Tensor scores = knn_scores(train, train_labels, test, classes, options, observer);
  return top_k_accuracy(scores, test_labels, 1);
}

}  // namespace mkdt
