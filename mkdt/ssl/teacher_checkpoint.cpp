#include "mkdt/ssl/teacher_checkpoint.h"

#include <cstring>
#include <sstream>

#include <fmt/format.h>
#include <torch/optim.h>
#include <torch/serialize.h>

#include "mkdt/core/error.h"
#include "mkdt/core/random.h"
#include "mkdt/nn/module_state.h"

namespace mkdt {
namespace {

// libtorch's own archive, as bytes: the optimiser's state has no other stable form.
torch::Tensor optimiser_bytes(const torch::optim::Optimizer& optimiser) {
  std::ostringstream stream;
  torch::save(optimiser, stream);
  const std::string text = stream.str();
  torch::Tensor bytes = torch::empty({static_cast<int64_t>(text.size())}, torch::kUInt8);
  std::memcpy(bytes.data_ptr(), text.data(), text.size());
  return bytes;
}

// Onto `device`, wherever it was saved.
void load_optimiser(torch::optim::Optimizer& optimiser, const torch::Tensor& bytes,
                    torch::Device device, const std::string& origin) {
  const torch::Tensor values = bytes.contiguous();
  std::istringstream stream(
      std::string(static_cast<const char*>(values.data_ptr()), values.nbytes()));
  try {
    torch::load(optimiser, stream, device);
  } catch (const c10::Error&) {
    throw Error(fmt::format("{}: the optimiser's state is damaged", origin));
  }
}

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
  file.tensors["optimiser"] = optimiser_bytes(*state.optimiser);
  put_epoch(file, state.epoch);
  file.metadata["kind"] = "mkdt checkpoint of a teacher";
  file.metadata["epochs_done"] = std::to_string(state.epochs_done);
  return file;
}

void restore(TeacherState& state, const TensorFile& file) {
  load_module_state(*state.encoder, file.tensors, file.origin, "encoder.");
  load_module_state(*state.algorithm, file.tensors, file.origin, "algorithm.");
  const torch::Device device = state.encoder->parameters().front().device();
  load_optimiser(*state.optimiser, file.tensor("optimiser"), device, file.origin);
  state.epochs_done = file.integer("epochs_done");
  state.epoch = take_epoch(file, device);
}

}  // namespace mkdt
