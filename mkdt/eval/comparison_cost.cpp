#include "mkdt/eval/comparison_cost.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <torch/autograd.h>
#include <torch/utils.h>

#include "mkdt/eval/fitted_head.h"

namespace mkdt {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kTimedImages = 128;
constexpr int64_t kTimedSteps = 2;
constexpr double kSafeRate = 1e-4;  // nothing diverges in three steps
constexpr double kProbeEvaluations = 300;
constexpr double kOperationsPerSecond = 1e10;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Until a device has computed it.
void wait_for(const torch::Tensor& values) { values.flatten()[0].item<double>(); }

template <typename Body>
double second_time(const Body& body) {
  body();
  const Clock::time_point begin = Clock::now();
  body();
  return seconds_since(begin);
}

double time_embedding(const Network& network, const torch::Tensor& theta,
                      const torch::Tensor& images) {
  const auto images_at = [&](int64_t begin, int64_t end) { return images.slice(0, begin, end); };
  return second_time(
      [&] { wait_for(features_in_batches(network, theta, images_at, images.size(0))); });
}

double time_tuning(const Network& network, const torch::Tensor& theta,
                   const torch::Tensor& images) {
  return second_time([&] {
    const torch::Tensor leaf = theta.detach().requires_grad_();
    wait_for(torch::autograd::grad({network.features(leaf, images).sum()}, {leaf})[0]);
  });
}

double probe_seconds(double rows, double features, double classes) {
  return kProbeEvaluations * 4 * rows * features * classes / kOperationsPerSecond;
}

}  // namespace

double ComparisonCost::step(const PlannedEncoding& encoding) {
  const Pretraining& pretraining = *inputs_.candidates[encoding.candidate].pretraining;
  std::string key =
      fmt::format("{} {}", *encoding.encoder, std::min(pretraining_.batch, pretraining.set_size));
  // Regressions differ in the batch alone.
  if (!pretraining.regresses_targets) key += inputs_.candidates[encoding.candidate].method;
  const auto known = steps_.find(key);
  if (known != steps_.end()) return known->second;
  Clock::time_point first, last;
  const auto note_time = [&](int64_t step, const torch::Tensor& /*theta*/) {
    (step == 1 ? first : last) = Clock::now();
  };
  Recipe harmless;
  harmless.lr = kSafeRate;
  pretraining.train(inputs_.encoders[*encoding.encoder].network, 1 + kTimedSteps,
                    pretraining_.training(harmless), /*seed=*/0, note_time);
  return steps_[key] = std::chrono::duration<double>(last - first).count() / kTimedSteps;
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
  measured.embed = time_embedding(network, theta, images) / kTimedImages;
  const auto& protocols = options_.protocols;
  if (std::find(protocols.begin(), protocols.end(), "finetune") != protocols.end()) {
    measured.tune = time_tuning(network, theta, images) / kTimedImages;
  }
  return speeds_[encoder] = measured;
}

// Labelled images that the largest budget reads.
double ComparisonCost::pool(const DownstreamSet& set) const {
  const auto images = static_cast<double>(set.train.size());
  const auto classes = static_cast<double>(set.train.class_names.size());
  double most = 1;
  for (const LabelBudget& labels : options_.budgets()) {
    const double count = labels.per_class > 0 ? static_cast<double>(labels.per_class) * classes
                                              : labels.fraction * images;
    most = std::max(most, std::min(count, images));
  }
  return most;
}

double ComparisonCost::judging(const DownstreamSet& set, double embed) const {
  return (pool(set) + static_cast<double>(set.test.size())) * embed;
}

// The head of a pre-training that does not regress is fitted first.
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
  for (const DownstreamSet& set : inputs_.downstream) point += judging(set, embed);
  const double points = encoding.curve_key.empty() ? 0 : static_cast<double>(options_.curve_points);
  return static_cast<double>(steps) * step(encoding) + loss + points * point;
}

double ComparisonCost::cell(const PlannedEncoding& encoding, size_t index) {
  const PlannedCell& cell = encoding.cells[index];
  if (!cell.downstream) return 0;
  const DownstreamSet& set = inputs_.downstream[*cell.downstream];
  const auto classes = static_cast<double>(set.train.class_names.size());
  const double labelled = pool(set);
  double features = 512, embed = 0;
  if (encoding.encoder) {
    embed = speed(*encoding.encoder).embed;
    features = static_cast<double>(inputs_.encoders[*encoding.encoder].network->feature_dim());
  }
  if (cell.protocol == "finetune") {
    const auto epochs = static_cast<double>(options_.finetune.epochs);
    return epochs * labelled * speed(*encoding.encoder).tune +
           static_cast<double>(set.test.size()) * embed;
  }
  const bool first = index == 0 || encoding.cells[index - 1].downstream != cell.downstream;
  const double choices = static_cast<double>(std::max<size_t>(options_.probe_l2_choices.size(), 1));
  return (first ? judging(set, embed) : 0) + choices * probe_seconds(labelled, features, classes);
}

}  // namespace mkdt
