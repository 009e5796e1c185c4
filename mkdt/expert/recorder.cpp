#include "mkdt/expert/recorder.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/random.h"
#include "mkdt/io/checkpoint.h"

namespace mkdt {
namespace {

constexpr const char* kVelocity = "velocity";  // missing before the first step
constexpr const char* kSteps = "steps";
constexpr const char* kLossSum = "loss_sum";

at::Generator generator_of(const TensorFile& file, const char* name) {
  at::Generator generator = make_generator(0, "checkpoint");
  restore_generator(generator, file.tensor(name).clone());
  return generator;
}

}  // namespace

TensorFile to_tensors(const ExpertProgress& progress) {
  TensorFile file;
  file.tensors["theta"] = progress.student.theta;
  if (progress.student.velocity.defined()) {
    file.tensors[kVelocity] = progress.student.velocity;
  }
  file.tensors["thetas"] = torch::stack(progress.thetas);
  file.tensors["losses"] = torch::tensor(progress.losses, torch::kFloat64);
  file.tensors["epoch_start"] = generator_state(progress.epoch_start);
  file.tensors["generator"] = generator_state(progress.generator);
  file.tensors[kSteps] = torch::tensor(progress.steps, torch::kInt64);
  file.tensors[kLossSum] = torch::tensor(progress.loss_sum, torch::kFloat64);
  file.metadata = {{"kind", "mkdt checkpoint of an expert"}};
  return file;
}

ExpertProgress expert_progress(const TensorFile& file, torch::Device device) {
  ExpertProgress progress;
  progress.student.theta = file.tensor("theta").to(device).clone();
  if (file.tensors.count(kVelocity) != 0) {
    progress.student.velocity = file.tensor(kVelocity).to(device).clone();
  }
  for (const torch::Tensor& theta : file.tensor("thetas").unbind()) {
    progress.thetas.push_back(theta.clone());
  }
  const torch::Tensor& losses = file.tensor("losses");
  progress.losses.assign(losses.data_ptr<double>(), losses.data_ptr<double>() + losses.numel());
  progress.epoch_start = generator_of(file, "epoch_start");
  progress.generator = generator_of(file, "generator");
  progress.steps = file.tensor(kSteps).item<int64_t>();
  progress.loss_sum = file.tensor(kLossSum).item<double>();
  return progress;
}

namespace {

// One expert in training.
class Apprentice {
 public:
  Apprentice(const ExpertCourse& course, int64_t index, CheckpointPlan plan)
      : course_(course), index_(index), checkpoints_(std::move(plan)) {}

  // `after_epoch` is told the epochs done, those of a checkpoint too.
  ExpertTrajectory train(Observer& observer, const std::function<void(int64_t)>& after_epoch);
  void forget() const { checkpoints_.remove(); }

 private:
  void begin(Observer& observer);
  void train_epoch(Observer& observer);
  void step(const torch::Tensor& rows);
  void save();
  void close_epoch();
  int64_t epoch() const { return static_cast<int64_t>(progress_.losses.size()); }
  torch::Tensor stored() const { return progress_.student.theta.to(torch::kCPU, course_.stored); }
  void require_finite_parameters() const;
  void require_finite(bool finite, const char* what) const;

  const ExpertCourse& course_;
  int64_t index_;
  Checkpoints checkpoints_;
  ExpertProgress progress_;
};

ExpertTrajectory Apprentice::train(Observer& observer,
                                   const std::function<void(int64_t)>& after_epoch) {
  begin(observer);
  after_epoch(epoch());
  while (epoch() < course_.epochs) {
    train_epoch(observer);
    after_epoch(epoch());
  }
  return {course_.network, torch::stack(progress_.thetas), progress_.losses};
}

void Apprentice::begin(Observer& observer) {
  const auto take_over = [&](const TensorFile& file) {
    progress_ = expert_progress(file, course_.device);
  };
  if (checkpoints_.resume(take_over, observer)) {
    observer.info(fmt::format("{}: expert {} resumes at epoch {}, step {}", course_.name, index_,
                              epoch() + 1, progress_.steps));
    return;
  }
  ExpertStart start = course_.start(index_);
  progress_.student.theta = std::move(start.theta);
  progress_.generator = std::move(start.generator);
  progress_.epoch_start = progress_.generator.clone();
  progress_.thetas = {stored()};
}

// Begins with the step at which the progress is.
void Apprentice::train_epoch(Observer& observer) {
  at::Generator order = progress_.epoch_start.clone();
  const std::vector<torch::Tensor> batches = course_.draw_batches(order);
  if (progress_.steps == 0) progress_.generator = order;
  while (progress_.steps < static_cast<int64_t>(batches.size())) {
    step(batches[static_cast<size_t>(progress_.steps)]);
    const bool stop = observer.stop_wanted();
    if (stop || checkpoints_.due(progress_.steps)) save();
    if (stop) throw Stopped();
  }
  close_epoch();
}

void Apprentice::save() {
  require_finite_parameters();
  checkpoints_.write(to_tensors(progress_));
}

void Apprentice::step(const torch::Tensor& rows) {
  const double loss = course_.step(progress_.student, rows, progress_.generator);
  ++progress_.steps;
  require_finite(std::isfinite(loss), "loss is");
  progress_.loss_sum += loss * static_cast<double>(rows.size(0));
}

void Apprentice::close_epoch() {
  require_finite_parameters();
  progress_.thetas.push_back(stored());
  progress_.losses.push_back(progress_.loss_sum / static_cast<double>(course_.images));
  progress_.epoch_start = progress_.generator.clone();
  progress_.steps = 0;
  progress_.loss_sum = 0;
}

// Throws Error if a parameter is not finite: the last step's update is in no loss yet.
void Apprentice::require_finite_parameters() const {
  require_finite(all_finite(progress_.student.theta), "parameters are");
}

void Apprentice::require_finite(bool finite, const char* what) const {
  if (finite) return;
  throw Error(fmt::format("{}: the {} not finite in step {} of epoch {} of expert {}; {}",
                          course_.name, what, progress_.steps, epoch() + 1, index_,
                          course_.remedy));
}

}  // namespace

ExpertTrajectory record_expert(const ExpertCourse& course, int64_t index) {
  Observer silent;
  return Apprentice(course, index, {}).train(silent, [](int64_t) {});
}

void record_experts(const ExpertCourse& course, const TrajectoryStore& store,
                    const std::string& key, double minutes, Observer& observer) {
  const std::filesystem::path checkpoint = store.folder() / "checkpoint.safetensors";
  observer.begin(course.name, store.count() * course.epochs, "epochs");
  for (int64_t index = 0; index < store.count(); ++index) {
    const auto report = [&](int64_t epoch, const std::string& note) {
      observer.advance(index * course.epochs + epoch,
                       fmt::format("expert {}/{}{}", index + 1, store.count(), note));
    };
    if (store.has(index, key)) {
      report(course.epochs, " already there");
      continue;
    }
    Apprentice apprentice(course, index,
                          {checkpoint, fmt::format("{} {}", key, index), 0, minutes});
    const ExpertTrajectory trajectory =
        apprentice.train(observer, [&](int64_t epoch) { report(epoch, ""); });
    observer.metric(course.name + "/final_loss", index, trajectory.losses.back());
    store.write(index, trajectory, key);
    apprentice.forget();
    report(course.epochs, fmt::format(", loss {:.4f} → {:.4f}", trajectory.losses.front(),
                                      trajectory.losses.back()));
    throw_if_stopped(observer);
  }
  observer.end();
}

}  // namespace mkdt
