#include "mkdt/distill/distill_state.h"

#include <string>

#include "mkdt/base/random.h"

namespace mkdt {

void put_optional(TensorFile& file, const std::string& name, const torch::Tensor& tensor) {
  if (tensor.defined()) file.tensors[name] = tensor;
}

torch::Tensor take_optional(const TensorFile& file, const std::string& name, torch::Device device) {
  const auto found = file.tensors.find(name);
  return found == file.tensors.end() ? torch::Tensor() : found->second.to(device).clone();
}

void put_moments(TensorFile& file, const std::string& name, const Moments& moments) {
  put_optional(file, name + ".first", moments.first);
  put_optional(file, name + ".second", moments.second);
  file.tensors[name + ".steps"] = torch::tensor(moments.steps, torch::kInt64);
}

Moments take_moments(const TensorFile& file, const std::string& name, torch::Device device) {
  return {take_optional(file, name + ".first", device),
          take_optional(file, name + ".second", device),
          file.tensor(name + ".steps").item<int64_t>()};
}

namespace {

constexpr const char* kGenerator = "generator";
constexpr const char* kScalars = "scalars";  // float64: syn_lr, rate_scale
constexpr const char* kGood = "good.";       // before the names of the state to go back to
constexpr const char* kLosses = "outer_losses";

struct NamedMoments {
  const char* name;
  Moments DistillState::*moments;
};
constexpr NamedMoments kMoments[] = {{"images", &DistillState::images_moments},
                                     {"targets", &DistillState::targets_moments},
                                     {"syn_lr", &DistillState::syn_lr_moments}};

// Puts all but the curve.
void put_state(TensorFile& file, const std::string& prefix, const DistillState& state) {
  file.tensors[prefix + "images"] = state.images;
  file.tensors[prefix + "targets"] = state.targets;
  for (const NamedMoments& entry : kMoments) {
    put_moments(file, prefix + entry.name, state.*entry.moments);
  }
  file.tensors[prefix + kScalars] =
      torch::tensor({state.syn_lr, state.rate_scale}, torch::kFloat64);
}

DistillState take_state(const TensorFile& file, const std::string& prefix, torch::Device device) {
  DistillState state;
  state.images = file.tensor(prefix + "images").to(device).clone();
  state.targets = file.tensor(prefix + "targets").to(device).clone();
  for (const NamedMoments& entry : kMoments) {
    const torch::Device home = entry.name == std::string("syn_lr") ? torch::kCPU : device;
    state.*entry.moments = take_moments(file, prefix + entry.name, home);
  }
  const torch::Tensor& scalars = file.tensor(prefix + kScalars);
  state.syn_lr = scalars[0].item<double>();
  state.rate_scale = scalars[1].item<double>();
  return state;
}

}  // namespace

TensorFile to_tensors(const DistillProgress& progress) {
  TensorFile file;
  put_state(file, "", progress.state);
  if (progress.good.iteration() != progress.state.iteration()) {
    put_state(file, kGood, progress.good);
  }
  file.tensors[kLosses] = torch::tensor(progress.state.outer_losses, torch::kFloat64);
  file.tensors[kGenerator] = generator_state(progress.generator);
  file.metadata = {{"kind", "mkdt distillation checkpoint"}};
  return file;
}

DistillProgress distill_progress(const TensorFile& file, torch::Device device) {
  DistillProgress progress;
  DistillState& state = progress.state;
  state = take_state(file, "", device);
  const torch::Tensor& losses = file.tensor(kLosses);
  state.outer_losses.assign(losses.data_ptr<double>(), losses.data_ptr<double>() + losses.numel());
  progress.good = state;
  if (file.tensors.count(std::string(kGood) + kScalars) != 0) {
    progress.good = take_state(file, kGood, device);
    progress.good.outer_losses = state.outer_losses;
    progress.good.outer_losses.pop_back();
  }
  progress.generator = make_generator(0, "checkpoint");
  restore_generator(progress.generator, file.tensor(kGenerator).clone());
  return progress;
}

}  // namespace mkdt
