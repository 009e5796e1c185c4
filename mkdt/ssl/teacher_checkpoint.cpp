#include "mkdt/ssl/teacher_checkpoint.h"

#include <cstring>
#include <sstream>

#include <fmt/format.h>
#include <torch/optim.h>
#include <torch/serialize.h>

#include "mkdt/core/error.h"
#include "mkdt/core/safetensors.h"
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
    throw Error(
        fmt::format("{}: the optimiser's state is damaged; delete the file to start over", origin));
  }
}

}  // namespace

void write_teacher_checkpoint(const std::filesystem::path& path, const TeacherState& state,
                              const std::string& identity) {
  TensorFile file;
  file.tensors = module_state(*state.encoder, "encoder.");
  file.tensors.merge(module_state(*state.algorithm, "algorithm."));
  file.tensors["optimiser"] = optimiser_bytes(*state.optimiser);
  file.metadata["identity"] = identity;
  file.metadata["epochs_done"] = std::to_string(state.epochs_done);
  write_safetensors(path, file);
}

bool resume_teacher(const std::filesystem::path& path, const std::string& identity,
                    TeacherState& state, Observer& observer) {
  if (path.empty() || !std::filesystem::exists(path)) return false;
  const TensorFile file = read_safetensors(path);
  if (file.text("identity") != identity) {
    observer.warn(
        fmt::format("{}: of other options, images or seed; training starts over", path.string()));
    return false;
  }
  load_module_state(*state.encoder, file.tensors, path.string(), "encoder.");
  load_module_state(*state.algorithm, file.tensors, path.string(), "algorithm.");
  load_optimiser(*state.optimiser, file.tensor("optimiser"),
                 state.encoder->parameters().front().device(), path.string());
  state.epochs_done = file.integer("epochs_done");
  return true;
}

}  // namespace mkdt
