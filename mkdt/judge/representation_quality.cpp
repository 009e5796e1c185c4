#include "mkdt/judge/representation_quality.h"

#include <algorithm>

#include <fmt/format.h>

#include "mkdt/base/units.h"
#include "mkdt/data/batches.h"
#include "mkdt/data/representations.h"
#include "mkdt/judge/knn.h"
#include "mkdt/judge/linear_probe.h"

namespace mkdt {
namespace {

constexpr int64_t kRankRows = 2048;

torch::Tensor pick(const torch::Tensor& tensor, int64_t most) {
  return tensor.index_select(0, spread_rows(tensor.size(0), most));
}

}  // namespace

RepresentationQuality representation_quality(const std::string& encoder,
                                             const LabelledRepresentations& train,
                                             const LabelledRepresentations& test, int64_t most_rows,
                                             const Observer& observer) {
  RepresentationQuality quality;
  quality.encoder = encoder;
  quality.dim = train.values.size(1);
  quality.effective_rank = effective_rank(pick(train.values, kRankRows));
  if (!train.labels.defined() || !test.labels.defined()) return quality;
  const int64_t classes =
      std::max(train.labels.max().item<int64_t>(), test.labels.max().item<int64_t>()) + 1;
  const torch::Tensor values = pick(train.values, most_rows);
  const torch::Tensor labels = pick(train.labels, most_rows);
  quality.knn = knn_accuracy(values, labels, test.values, test.labels, classes, {}, observer);
  const LinearProbe probe = fit_linear_probe(values, labels, classes, {}, std::nullopt, observer);
  quality.probe = accuracy(probe, test.values, test.labels, observer);
  return quality;
}

std::string to_text(const RepresentationQuality& quality) {
  std::string text = fmt::format("{}: {} dimensions, effective rank {}", quality.encoder,
                                 quality.dim, decimal_text(quality.effective_rank, 1));
  if (quality.knn) text += fmt::format(", k-NN {} %", decimal_text(100 * *quality.knn, 1));
  if (quality.probe)
    text += fmt::format(", linear probe {} %", decimal_text(100 * *quality.probe, 1));
  return text;
}

}  // namespace mkdt
