#include "mkdt/compare/comparison_cost.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <torch/autograd.h>
#include <torch/utils.h>

#include "mkdt/base/timing.h"
#include "mkdt/data/batches.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/judge/linear_probe.h"

namespace mkdt {
namespace {

constexpr int64_t kTimedImages = 256;  // as many as are embedded at a time
constexpr int64_t kTunedImages = 128;
constexpr int64_t kProbedRows = 1024;
constexpr int64_t kGivenFeatures = 512;

// Waits until a device has computed the values.
void wait_for(const torch::Tensor& values) { values.flatten()[0].item<double>(); }

double time_embedding(const Network& network, const torch::Tensor& theta,
                      const torch::Tensor& images, double budget) {
  const auto images_at = [&](int64_t begin, int64_t end) { return images.slice(0, begin, end); };
  return typical_seconds(
      [&] { wait_for(features_in_batches(network, theta, images_at, images.size(0))); }, budget);
}

double time_tuning(const Network& network, const torch::Tensor& theta, const torch::Tensor& images,
                   double budget) {
  return typical_seconds(
      [&] {
        const torch::Tensor leaf = theta.detach().requires_grad_();
        wait_for(torch::autograd::grad({network.features(leaf, images).sum()}, {leaf})[0]);
      },
      budget);
}

// Returns the typical seconds of a pre-training's steps, the first one left out.
double time_steps(const Pretraining& pretraining, const NetworkPtr& network,
                  const TrainingOptions& options, double budget) {
  constexpr int64_t kFirst = 3;
  constexpr double kMost = 40;
  const auto laps = [&](int64_t steps) {
    Seconds seconds;
    Stopwatch watch;
    pretraining.train(network, steps, options, /*seed=*/0,
                      [&](int64_t, const torch::Tensor&) { seconds.push_back(watch.lap()); });
    seconds.erase(seconds.begin());
    return seconds;
  };
  const double first = std::max(median(laps(kFirst)), 1e-6);
  if (budget / first < 2) return first;
  return median(laps(1 + static_cast<int64_t>(std::min(budget / first, kMost))));
}

}  // namespace

double ComparisonCost::step(const PlannedEncoding& encoding) {
  const Pretraining& pretraining = *inputs_.candidates[encoding.candidate].pretraining;
  std::string key =
      fmt::format("{} {}", *encoding.encoder, std::min(pretraining_.batch, pretraining.set_size));
  // Regressions differ in their batch only, so methods share the measurement.
  if (!pretraining.regresses_targets) key += inputs_.candidates[encoding.candidate].method;
  const auto known = steps_.find(key);
  if (known != steps_.end()) return known->second;
  Recipe harmless;
  harmless.lr = kSafeRate;
  return steps_[key] = time_steps(pretraining, inputs_.encoders[*encoding.encoder].network,
                                  pretraining_.training(harmless), budget_);
}

const ComparisonCost::EncoderSpeed& ComparisonCost::speed(size_t encoder) {
  const auto known = speeds_.find(encoder);
  if (known != speeds_.end()) return known->second;
  const Network& network = *inputs_.encoders[encoder].network;
  const torch::Device device = inputs_.test.targets.device();
  const torch::Tensor theta = initial_encoder(network, /*seed=*/0, device);
  const torch::Tensor images = torch::randn(
      {kTimedImages, network.channels(), network.image_size(), network.image_size()}, device);
  EncoderSpeed measured;
  measured.embed = time_embedding(network, theta, images, budget_) / kTimedImages;
  const auto& protocols = options_.protocols;
  if (std::find(protocols.begin(), protocols.end(), "finetune") != protocols.end()) {
    measured.tune =
        time_tuning(network, theta, images.slice(0, 0, kTunedImages), budget_) / kTunedImages;
  }
  return speeds_[encoder] = measured;
}

double ComparisonCost::labelled(const DownstreamSet& set, const LabelBudget& labels) {
  const auto images = static_cast<double>(set.train.size());
  const auto classes = static_cast<double>(set.train.class_names.size());
  const double count = labels.per_class > 0 ? static_cast<double>(labels.per_class) * classes
                                            : labels.fraction * images;
  return std::clamp(count, 1.0, images);
}

double ComparisonCost::pool(const DownstreamSet& set) const {
  double most = 1;
  for (const LabelBudget& labels : options_.budgets()) most = std::max(most, labelled(set, labels));
  return most;
}

// Counts the operations of a fixed number of evaluations, and divides by an assumed speed.
double ComparisonCost::counted_probe(const PlannedEncoding& encoding, const DownstreamSet& set,
                                     double rows) const {
  constexpr double kEvaluations = 300, kOperationsPerSecond = 1e10;
  const auto classes = static_cast<double>(set.train.class_names.size());
  const int64_t features = encoding.encoder
                               ? inputs_.encoders[*encoding.encoder].network->feature_dim()
                               : kGivenFeatures;
  return kEvaluations * 4 * rows * static_cast<double>(features) * classes / kOperationsPerSecond;
}

// Times a probe on an untrained encoder's features of the set's own images or, where features are
// given, on their pixels. Of more than kProbedRows rows, kProbedRows are timed and stand for all.
double ComparisonCost::probe(const PlannedEncoding& encoding, size_t downstream,
                             const LabelBudget& labels) {
  const DownstreamSet& set = inputs_.downstream[downstream];
  const double rows = labelled(set, labels);
  if (budget_ <= 0) return counted_probe(encoding, set, rows);
  const int64_t encoder = encoding.encoder ? static_cast<int64_t>(*encoding.encoder) : -1;
  const std::string key = fmt::format("{} {} {}", encoder, downstream, labels.code());
  const auto known = probes_.find(key);
  if (known != probes_.end()) return known->second;
  const auto taken = std::min(static_cast<int64_t>(rows), kProbedRows);
  const torch::Tensor chosen = spread_rows(set.train.size(), taken);
  const torch::Device device = inputs_.test.targets.device();
  torch::Tensor features = set.train.normalised(chosen, device).flatten(1);
  if (encoding.encoder) {
    const Network& network = *inputs_.encoders[*encoding.encoder].network;
    const auto images_at = [&](int64_t begin, int64_t end) {
      return set.train.normalised(chosen.slice(0, begin, end), device);
    };
    features = features_in_batches(network, initial_encoder(network, /*seed=*/0, device), images_at,
                                   taken);
  } else {
    features = features.slice(1, 0, kGivenFeatures);
  }
  const torch::Tensor answers = set.train.labels.index_select(0, chosen).to(device);
  const int64_t classes = set.train.labels.max().item<int64_t>() + 1;
  const double once = typical_seconds(
      [&] { fit_linear_probe(features, answers, classes, options_.probe()); }, budget_);
  return probes_[key] = once * rows / static_cast<double>(taken);
}

const LabelBudget& ComparisonCost::largest(size_t downstream) const {
  const DownstreamSet& set = inputs_.downstream[downstream];
  return *std::max_element(budgets_.begin(), budgets_.end(), [&](const auto& a, const auto& b) {
    return labelled(set, a) < labelled(set, b);
  });
}

double ComparisonCost::judging(const DownstreamSet& set, double embed) const {
  return (pool(set) + static_cast<double>(set.test.size())) * embed;
}

// A pre-training that does not regress targets needs its head fitted first.
double ComparisonCost::look(const PlannedEncoding& encoding, int64_t images) {
  const auto& pretraining = inputs_.candidates[encoding.candidate].pretraining;
  if (pretraining && !pretraining->regresses_targets) {
    images += std::min(inputs_.training.size(), kMostFittedRows);
  }
  return static_cast<double>(images) * speed(*encoding.encoder).embed;
}

double ComparisonCost::recipe(const PlannedEncoding& encoding) {
  if (!inputs_.candidates[encoding.candidate].pretraining || !pretraining_.searches()) return 0;
  const double looks =
      static_cast<double>(pretraining_.evaluations) * look(encoding, inputs_.validation.size());
  const double trial = static_cast<double>(pretraining_.max_steps) * step(encoding) + looks;
  return static_cast<double>(pretraining_.lrs.size()) * trial;
}

double ComparisonCost::encoder(const PlannedEncoding& encoding, const Recipe* recipe) {
  const auto known = encoders_.find(encoding.key);
  if (known != encoders_.end()) return known->second;
  return encoders_[encoding.key] = encoder_seconds(encoding, recipe);
}

double ComparisonCost::encoder_seconds(const PlannedEncoding& encoding, const Recipe* recipe) {
  if (!encoding.encoder) return 0;
  const double embed = speed(*encoding.encoder).embed;
  const double loss = look(encoding, inputs_.test.size());
  const Candidate& candidate = inputs_.candidates[encoding.candidate];
  if (!candidate.pretraining) return loss;
  const Pretraining& pretraining = *candidate.pretraining;
  int64_t steps = pretraining_.max_steps;
  if (!pretraining_.searches()) {
    steps = pretraining_.fixed(pretraining.set_size, pretraining.syn_lr).steps;
  }
  if (recipe != nullptr) steps = recipe->steps;
  double point = loss;
  for (size_t i = 0; i < inputs_.downstream.size() && !encoding.curve_key.empty(); ++i) {
    point += judging(inputs_.downstream[i], embed) + probe(encoding, i, largest(i));
  }
  const double points = encoding.curve_key.empty() ? 0 : static_cast<double>(options_.curve_points);
  return static_cast<double>(steps) * step(encoding) + loss + points * point;
}

double ComparisonCost::cell(const PlannedEncoding& encoding, size_t index) {
  const PlannedCell& cell = encoding.cells[index];
  if (!cell.downstream) return 0;
  const DownstreamSet& set = inputs_.downstream[*cell.downstream];
  const double embed = encoding.encoder ? speed(*encoding.encoder).embed : 0;
  if (cell.protocol == "finetune") {
    const auto epochs = static_cast<double>(options_.finetune.epochs);
    return epochs * labelled(set, *cell.labels) * speed(*encoding.encoder).tune +
           static_cast<double>(set.test.size()) * embed;
  }
  const bool first = index == 0 || encoding.cells[index - 1].downstream != cell.downstream;
  const double choices = static_cast<double>(std::max<size_t>(options_.probe_l2_choices.size(), 1));
  const double fit =
      cell.protocol == "probe" ? choices * probe(encoding, *cell.downstream, *cell.labels) : 0;
  return (first ? judging(set, embed) : 0) + fit;
}

namespace {

PlannedWork& work_of(const PlannedEncoding& encoding, const ComparisonInputs& inputs,
                     std::vector<PlannedWork>& work) {
  const std::string& method = inputs.candidates[encoding.candidate].method;
  const std::string encoder = encoder_name(encoding, inputs);
  const auto known = std::find_if(work.begin(), work.end(), [&](const PlannedWork& entry) {
    return entry.method == method && entry.encoder == encoder;
  });
  if (known != work.end()) return *known;
  work.push_back({method, encoder});
  return work.back();
}

}  // namespace

bool finished(const PlannedEncoding& encoding, const ComparisonStore& store) {
  if (!encoding.curve_key.empty() && store.curve(encoding.curve_key) == nullptr) return false;
  return std::all_of(encoding.cells.begin(), encoding.cells.end(),
                     [&](const PlannedCell& cell) { return store.row(cell.key) != nullptr; });
}

bool trained(const PlannedEncoding& encoding, const ComparisonStore& store) {
  const bool curve_missing =
      !encoding.curve_key.empty() && store.curve(encoding.curve_key) == nullptr;
  return !curve_missing && store.encoder(encoding.key).has_value();
}

std::vector<PlannedWork> planned_work(const std::vector<PlannedEncoding>& plan,
                                      const ComparisonInputs& inputs, const ComparisonStore& store,
                                      ComparisonCost& cost) {
  std::vector<PlannedWork> work;
  std::set<std::string> searched;
  for (const PlannedEncoding& encoding : plan) {
    PlannedWork& entry = work_of(encoding, inputs, work);
    entry.cells += static_cast<int64_t>(encoding.cells.size());
    if (finished(encoding, store)) {
      entry.finished += static_cast<int64_t>(encoding.cells.size());
      continue;
    }
    const Recipe* known = store.recipe(encoding.recipe_key);
    if (known == nullptr && searched.insert(encoding.recipe_key).second) {
      entry.seconds += cost.recipe(encoding);
    }
    if (!trained(encoding, store)) entry.seconds += cost.encoder(encoding, known);
    for (size_t i = 0; i < encoding.cells.size(); ++i) {
      if (store.row(encoding.cells[i].key) != nullptr) {
        ++entry.finished;
      } else {
        entry.seconds += cost.cell(encoding, i);
      }
    }
  }
  return work;
}

double total_seconds(const std::vector<PlannedWork>& work) {
  double total = 0;
  for (const PlannedWork& entry : work) total += entry.seconds;
  return total;
}

}  // namespace mkdt
