#include "mkdt/expert/recorder.h"

#include <cmath>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/random.h"
#include "mkdt/data/batches.h"
#include "mkdt/nn/regression.h"

namespace mkdt {
namespace {

// One epoch; returns the mean loss an image.
double train_epoch(const ExpertTraining& training, Student& student, at::Generator& order) {
  const ExpertOptions& options = training.options;
  const SgdOptions sgd = {options.lr, options.momentum, options.weight_decay};
  double total = 0;
  for (const torch::Tensor& batch :
       shuffled_batches(training.images.size(), options.batch, order)) {
    const torch::Tensor images = training.images.normalised(batch, training.device);
    const torch::Tensor targets = training.targets.index_select(0, batch.to(training.device));
    total += sgd_step(*training.network, student, images, targets, sgd) *
             static_cast<double>(batch.size(0));
  }
  return total / static_cast<double>(training.images.size());
}

}  // namespace

ExpertTrajectory record_expert(const ExpertTraining& training, int64_t index) {
  const auto stream = static_cast<uint64_t>(index);
  at::Generator initialisation = make_generator(training.seed, "expert/initialisation", stream);
  at::Generator order = make_generator(training.seed, "expert/order", stream);
  const torch::Dtype stored =
      training.options.dtype == "bfloat16" ? torch::kBFloat16 : torch::kFloat32;

  Student student;
  student.theta = training.network->initialise(initialisation).to(training.device);
  std::vector<torch::Tensor> thetas = {student.theta.to(torch::kCPU, stored)};
  ExpertTrajectory trajectory;
  for (int64_t epoch = 1; epoch <= training.epochs; ++epoch) {
    const double loss = train_epoch(training, student, order);
    if (!std::isfinite(loss) || !student.theta.isfinite().all().item<bool>()) {
      throw Error(
          fmt::format("expert {}: the loss is not finite in epoch {}; lower experts.lr "
                      "(it is {}), or standardise the targets (teacher.standardise)",
                      index, epoch, training.options.lr));
    }
    thetas.push_back(student.theta.to(torch::kCPU, stored));
    trajectory.losses.push_back(loss);
  }
  trajectory.network = training.network;
  trajectory.thetas = torch::stack(thetas);
  return trajectory;
}

void record_missing(const TrajectoryStore& store, const std::string& key, const std::string& name,
                    const std::function<ExpertTrajectory(int64_t index)>& record,
                    Observer& observer) {
  observer.begin(name, store.count(), "experts");
  for (int64_t index = 0; index < store.count(); ++index) {
    std::string note = "already there";
    if (!store.has(index, key)) {
      const ExpertTrajectory trajectory = record(index);
      store.write(index, trajectory, key);
      observer.metric(name + "/final_loss", index, trajectory.losses.back());
      note =
          fmt::format("loss {:.4f} → {:.4f}", trajectory.losses.front(), trajectory.losses.back());
    }
    observer.advance(index + 1, note);
  }
  observer.end();
}

void record_experts(const ExpertTraining& training, const TrajectoryStore& store,
                    const std::string& key, Observer& observer) {
  const auto record = [&](int64_t index) { return record_expert(training, index); };
  record_missing(store, key, "experts", record, observer);
}

}  // namespace mkdt
