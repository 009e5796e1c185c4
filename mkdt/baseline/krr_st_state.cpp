#include "mkdt/baseline/krr_st_state.h"

#include <fmt/format.h>

#include "mkdt/core/random.h"
#include "mkdt/distill/checkpoint_tensors.h"

namespace mkdt {
namespace {

constexpr const char* kGenerator = "generator";
constexpr const char* kAges = "pool.ages";  // int64 [students]

std::string student_name(size_t index) { return fmt::format("pool.{}", index); }

void put_pool(TensorFile& file, const std::vector<PoolStudent>& pool) {
  std::vector<int64_t> ages;
  for (size_t i = 0; i < pool.size(); ++i) {
    put_optional(file, student_name(i) + ".theta", pool[i].student.theta);
    put_optional(file, student_name(i) + ".velocity", pool[i].student.velocity);
    ages.push_back(pool[i].age);
  }
  file.tensors[kAges] = torch::tensor(ages, torch::kInt64);
}

std::vector<PoolStudent> take_pool(const TensorFile& file, torch::Device device) {
  const torch::Tensor& ages = file.tensor(kAges);
  std::vector<PoolStudent> pool(static_cast<size_t>(ages.numel()));
  for (size_t i = 0; i < pool.size(); ++i) {
    pool[i].student.theta = file.tensor(student_name(i) + ".theta").to(device).clone();
    pool[i].student.velocity = take_optional(file, student_name(i) + ".velocity", device);
    pool[i].age = ages[static_cast<int64_t>(i)].item<int64_t>();
  }
  return pool;
}

}  // namespace

TensorFile to_tensors(const KrrStProgress& progress) {
  const KrrStState& state = progress.state;
  TensorFile file;
  put_optional(file, "images", state.images);
  put_optional(file, "targets", state.targets);
  put_moments(file, "images_moments", state.images_moments);
  put_moments(file, "targets_moments", state.targets_moments);
  put_pool(file, state.pool);
  file.tensors["losses"] = torch::tensor(state.losses, torch::kFloat64);
  file.tensors[kGenerator] = generator_state(progress.generator);
  file.metadata = {{"kind", "mkdt KRR-ST checkpoint"}};
  return file;
}

KrrStProgress krr_st_progress(const TensorFile& file, torch::Device device) {
  KrrStProgress progress;
  KrrStState& state = progress.state;
  state.images = file.tensor("images").to(device).clone();
  state.targets = file.tensor("targets").to(device).clone();
  state.images_moments = take_moments(file, "images_moments", device);
  state.targets_moments = take_moments(file, "targets_moments", device);
  state.pool = take_pool(file, device);
  const torch::Tensor& losses = file.tensor("losses");
  state.losses.assign(losses.data_ptr<double>(), losses.data_ptr<double>() + losses.numel());
  progress.generator = make_generator(0, "checkpoint");
  restore_generator(progress.generator, file.tensor(kGenerator).clone());
  return progress;
}

}  // namespace mkdt
