#include "mkdt/baseline/krr_st_state.h"

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/random.h"
#include "mkdt/core/safetensors.h"

namespace mkdt {
namespace {

constexpr const char* kGenerator = "generator";
constexpr const char* kAges = "pool.ages";  // int64 [students]

void put(TensorFile& file, const std::string& name, const torch::Tensor& tensor) {
  if (tensor.defined()) file.tensors[name] = tensor;
}

void put(TensorFile& file, const std::string& name, const Moments& moments) {
  put(file, name + ".first", moments.first);
  put(file, name + ".second", moments.second);
  file.tensors[name + ".steps"] = torch::tensor(moments.steps, torch::kInt64);
}

std::string student_name(size_t index) { return fmt::format("pool.{}", index); }

void put(TensorFile& file, const std::vector<PoolStudent>& pool) {
  std::vector<int64_t> ages;
  for (size_t i = 0; i < pool.size(); ++i) {
    put(file, student_name(i) + ".theta", pool[i].student.theta);
    put(file, student_name(i) + ".velocity", pool[i].student.velocity);
    ages.push_back(pool[i].age);
  }
  file.tensors[kAges] = torch::tensor(ages, torch::kInt64);
}

// Reads what `put` wrote onto a device; a tensor that was undefined stays so.
class Reader {
 public:
  Reader(const TensorFile& file, torch::Device device) : file_(file), device_(device) {}

  torch::Tensor tensor(const std::string& name) const {
    return file_.tensor(name).to(device_).clone();
  }
  torch::Tensor optional(const std::string& name) const {
    return file_.tensors.count(name) == 0 ? torch::Tensor() : tensor(name);
  }
  Moments moments(const std::string& name) const {
    return {optional(name + ".first"), optional(name + ".second"),
            file_.tensor(name + ".steps").item<int64_t>()};
  }
  std::vector<PoolStudent> pool() const {
    const torch::Tensor& ages = file_.tensor(kAges);
    std::vector<PoolStudent> students(static_cast<size_t>(ages.numel()));
    for (size_t i = 0; i < students.size(); ++i) {
      students[i].student.theta = tensor(student_name(i) + ".theta");
      students[i].student.velocity = optional(student_name(i) + ".velocity");
      students[i].age = ages[static_cast<int64_t>(i)].item<int64_t>();
    }
    return students;
  }

 private:
  const TensorFile& file_;
  torch::Device device_;
};

}  // namespace

void write_krr_st_checkpoint(const std::filesystem::path& path, const std::string& key,
                             const KrrStState& state, const at::Generator& generator) {
  TensorFile file;
  put(file, "images", state.images);
  put(file, "targets", state.targets);
  put(file, "images_moments", state.images_moments);
  put(file, "targets_moments", state.targets_moments);
  put(file, state.pool);
  file.tensors["losses"] = torch::tensor(state.losses, torch::kFloat64);
  file.tensors[kGenerator] = generator_state(generator);
  file.metadata = {{"kind", "mkdt KRR-ST checkpoint"}, {"key", key}};
  write_safetensors(path, file);
}

std::optional<KrrStState> read_krr_st_checkpoint(const std::filesystem::path& path,
                                                 const std::string& key, torch::Device device,
                                                 at::Generator& generator) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  try {
    const TensorFile file = read_safetensors(path);
    if (file.text("key") != key) return std::nullopt;
    const Reader reader(file, device);
    KrrStState state;
    state.images = reader.tensor("images");
    state.targets = reader.tensor("targets");
    state.images_moments = reader.moments("images_moments");
    state.targets_moments = reader.moments("targets_moments");
    state.pool = reader.pool();
    const torch::Tensor& losses = file.tensor("losses");
    state.losses.assign(losses.data_ptr<double>(), losses.data_ptr<double>() + losses.numel());
    restore_generator(generator, file.tensor(kGenerator).clone());
    return state;
  } catch (const Error&) {
    return std::nullopt;  // damaged: it begins anew
  }
}

}  // namespace mkdt
