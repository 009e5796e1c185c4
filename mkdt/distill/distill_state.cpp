#include "mkdt/distill/distill_state.h"

#include "mkdt/core/error.h"
#include "mkdt/core/random.h"
#include "mkdt/distill/checkpoint_tensors.h"

namespace mkdt {
namespace {

constexpr const char* kGenerator = "generator";
constexpr const char* kScalars = "scalars";  // float64: syn_lr, rate_scale

struct NamedMoments {
  const char* name;
  Moments DistillState::*moments;
};
constexpr NamedMoments kMoments[] = {{"images", &DistillState::images_moments},
                                     {"targets", &DistillState::targets_moments},
                                     {"syn_lr", &DistillState::syn_lr_moments}};

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const std::string& key,
                      const DistillState& state, const at::Generator& generator) {
  TensorFile file;
  file.tensors["images"] = state.images;
  file.tensors["targets"] = state.targets;
  for (const NamedMoments& entry : kMoments) put_moments(file, entry.name, state.*entry.moments);
  file.tensors[kScalars] = torch::tensor({state.syn_lr, state.rate_scale}, torch::kFloat64);
  file.tensors["matching_losses"] = torch::tensor(state.matching_losses, torch::kFloat64);
  file.tensors[kGenerator] = generator_state(generator);
  file.metadata = {{"kind", "mkdt distillation checkpoint"}, {"key", key}};
  write_safetensors(path, file);
}

std::optional<DistillState> read_checkpoint(const std::filesystem::path& path,
                                            const std::string& key, torch::Device device,
                                            at::Generator& generator) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  try {
    const TensorFile file = read_safetensors(path);
    if (file.text("key") != key) return std::nullopt;
    DistillState state;
    state.images = file.tensor("images").to(device).clone();
    state.targets = file.tensor("targets").to(device).clone();
    for (const NamedMoments& entry : kMoments) {
      const torch::Device home = entry.name == std::string("syn_lr") ? torch::kCPU : device;
      state.*entry.moments = take_moments(file, entry.name, home);
    }
    const torch::Tensor& scalars = file.tensor(kScalars);
    state.syn_lr = scalars[0].item<double>();
    state.rate_scale = scalars[1].item<double>();
    const torch::Tensor& losses = file.tensor("matching_losses");
    state.matching_losses.assign(losses.data_ptr<double>(),
                                 losses.data_ptr<double>() + losses.numel());
    restore_generator(generator, file.tensor(kGenerator).clone());
    return state;
  } catch (const Error&) {
    return std::nullopt;  // damaged: distillation begins anew
  }
}

}  // namespace mkdt
