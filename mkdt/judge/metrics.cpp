#include "mkdt/judge/metrics.h"

#include <torch/utils.h>

namespace mkdt {
namespace {

constexpr int64_t kClassesForTop5 = 20;

// Tells for each row whether its label is among the k highest scores: bool [N].
torch::Tensor hits(const torch::Tensor& scores, const torch::Tensor& labels, int64_t k) {
  const torch::Tensor own = scores.gather(1, labels.unsqueeze(1));
  const torch::Tensor lower_class =
      torch::arange(scores.size(1), labels.options()).unsqueeze(0) < labels.unsqueeze(1);
  return ((scores > own) | ((scores == own) & lower_class)).sum(1) < k;
}

bool even(const torch::Tensor& labels) {
  const torch::Tensor counts = torch::bincount(labels);
  const torch::Tensor occurring = counts.masked_select(counts > 0);
  return occurring.eq(occurring[0]).all().item<bool>();
}

}  // namespace

double top_k_accuracy(const torch::Tensor& scores, const torch::Tensor& labels, int64_t k) {
  const torch::NoGradGuard no_grad;
  const auto correct = hits(scores, labels, k).sum().item<int64_t>();
  return static_cast<double>(correct) / static_cast<double>(labels.size(0));
}

double balanced_accuracy(const torch::Tensor& scores, const torch::Tensor& labels) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor correct = hits(scores, labels, 1).to(torch::kFloat64);
  const torch::Tensor counts = torch::bincount(labels);
  const torch::Tensor recall = torch::bincount(labels, correct) / counts;
  return recall.masked_select(counts > 0).mean().item<double>();
}

Accuracies accuracies(const torch::Tensor& scores, const torch::Tensor& labels) {
  Accuracies result;
  result.top1 = top_k_accuracy(scores, labels, 1);
  if (scores.size(1) >= kClassesForTop5) result.top5 = top_k_accuracy(scores, labels, 5);
  if (!even(labels)) result.balanced = balanced_accuracy(scores, labels);
  return result;
}

}  // namespace mkdt
