#include "mkdt/expert/expert_progress.h"

#include "mkdt/core/random.h"

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

}  // namespace mkdt
