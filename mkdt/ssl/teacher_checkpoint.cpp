#include "mkdt/ssl/teacher_checkpoint.h"

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/data/representations.h"
#include "mkdt/nn/backbones/backbone.h"

namespace mkdt {
namespace {

constexpr int64_t kRowsForRanks = 512;  // for ranks, at least
constexpr double kLeastStd = 0.02;
constexpr double kLeastRank = 1.5;
constexpr const char* kOptimiser = "optimiser.";

// Drops the oldest batches that are not needed to have kRowsForRanks rows.
void keep_last(std::vector<torch::Tensor>& batches, const torch::Tensor& batch) {
  batches.push_back(batch.detach());
  int64_t rows = 0;
  for (const torch::Tensor& one : batches) rows += one.size(0);
  while (rows - batches.front().size(0) >= kRowsForRanks) {
    rows -= batches.front().size(0);
    batches.erase(batches.begin());
  }
}

void put_batches(TensorFile& file, const std::string& prefix,
                 const std::vector<torch::Tensor>& batches) {
  for (size_t i = 0; i < batches.size(); ++i) file.tensors[prefix + std::to_string(i)] = batches[i];
}

std::vector<torch::Tensor> take_batches(const TensorFile& file, const std::string& prefix,
                                        torch::Device device) {
  std::vector<torch::Tensor> batches;
  for (auto found = file.tensors.end();; batches.push_back(found->second.to(device).clone())) {
    found = file.tensors.find(prefix + std::to_string(batches.size()));
    if (found == file.tensors.end()) return batches;
  }
}

}  // namespace

std::string EmbeddingSummary::collapse() const {
  if (embedding_std < kLeastStd || feature_std < kLeastStd) {
    return fmt::format(
        "all images get nearly the same representation (deviation {:.2g} of the embeddings, {:.2g} "
        "of the features, where 1 is well spread)",
        embedding_std, feature_std);
  }
  if (embedding_rank < kLeastRank || feature_rank < kLeastRank) {
    return fmt::format(
        "representations differ along one direction only (effective rank {:.2g} of the embeddings, "
        "{:.2g} of the features)",
        embedding_rank, feature_rank);
  }
  return "";
}

void EmbeddingMonitor::add(double loss, const torch::Tensor& features,
                           const torch::Tensor& embeddings) {
  ++steps_;
  sums_.loss += loss;
  sums_.feature_std += direction_std(features);
  sums_.embedding_std += direction_std(embeddings);
  keep_last(features_, features);
  keep_last(embeddings_, embeddings);
}

EmbeddingSummary EmbeddingMonitor::summary() const {
  EmbeddingSummary mean = sums_;
  const auto steps = static_cast<double>(steps_);
  for (double* sum : {&mean.loss, &mean.feature_std, &mean.embedding_std}) *sum /= steps;
  mean.feature_rank = effective_rank(torch::cat(features_));
  mean.embedding_rank = effective_rank(torch::cat(embeddings_));
  return mean;
}

void EmbeddingMonitor::put(TensorFile& file, const std::string& prefix) const {
  file.tensors[prefix + "sums"] = torch::tensor(
      {static_cast<double>(steps_), sums_.loss, sums_.feature_std, sums_.embedding_std},
      torch::kFloat64);
  put_batches(file, prefix + "features.", features_);
  put_batches(file, prefix + "embeddings.", embeddings_);
}

EmbeddingMonitor EmbeddingMonitor::take(const TensorFile& file, const std::string& prefix,
                                        torch::Device device) {
  EmbeddingMonitor monitor;
  const torch::Tensor& sums = file.tensor(prefix + "sums");
  monitor.steps_ = static_cast<int64_t>(sums[0].item<double>());
  monitor.sums_.loss = sums[1].item<double>();
  monitor.sums_.feature_std = sums[2].item<double>();
  monitor.sums_.embedding_std = sums[3].item<double>();
  monitor.features_ = take_batches(file, prefix + "features.", device);
  monitor.embeddings_ = take_batches(file, prefix + "embeddings.", device);
  return monitor;
}

namespace {

void put_epoch(TensorFile& file, const EpochState& epoch) {
  if (epoch.steps == 0) return;
  file.tensors["epoch.steps"] = torch::tensor(epoch.steps, torch::kInt64);
  file.tensors["epoch.generator"] = generator_state(epoch.generator);
  epoch.monitor.put(file, "epoch.monitor.");
}

EpochState take_epoch(const TensorFile& file, torch::Device device) {
  EpochState epoch;
  if (file.tensors.count("epoch.steps") == 0) return epoch;
  epoch.steps = file.tensor("epoch.steps").item<int64_t>();
  epoch.generator = make_generator(0, "checkpoint");
  restore_generator(epoch.generator, file.tensor("epoch.generator").clone());
  epoch.monitor = EmbeddingMonitor::take(file, "epoch.monitor.", device);
  return epoch;
}

}  // namespace

TensorFile to_tensors(const TeacherState& state) {
  TensorFile file;
  file.tensors = module_state(*state.encoder, "encoder.");
  file.tensors.merge(module_state(*state.algorithm, "algorithm."));
  state.optimiser->put(file, kOptimiser);
  put_epoch(file, state.epoch);
  file.metadata["kind"] = "mkdt checkpoint of a teacher";
  file.metadata["epochs_done"] = std::to_string(state.epochs_done);
  return file;
}

void restore(TeacherState& state, const TensorFile& file) {
  if (file.tensors.count("optimiser") > 0) {
    throw Error(fmt::format(
        "{}: the unfinished training of an earlier version of mkdt, which this one cannot continue",
        file.origin));
  }
  load_module_state(*state.encoder, file.tensors, file.origin, "encoder.");
  load_module_state(*state.algorithm, file.tensors, file.origin, "algorithm.");
  const torch::Device device = state.encoder->parameters().front().device();
  state.optimiser->take(file, kOptimiser);
  state.epochs_done = file.integer("epochs_done");
  state.epoch = take_epoch(file, device);
}

}  // namespace mkdt
