#include "mkdt/expert/trajectory.h"

#include <map>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/io/checkpoint.h"
#include "mkdt/io/safetensors.h"

namespace mkdt {

torch::Tensor ExpertTrajectory::theta(int64_t epoch, torch::Device device) const {
  expect_finite(thetas[epoch], fmt::format("{}: epoch {}", origin, epoch));
  // Makes a copy in any case: rows of a mapped file must not be written to.
  return thetas[epoch].to(device, torch::kFloat32, /*non_blocking=*/false, /*copy=*/true);
}

std::filesystem::path TrajectoryStore::path(int64_t index) const {
  return folder_ / fmt::format("expert_{:04d}.safetensors", index);
}

ExpertTrajectory TrajectoryStore::open(int64_t index, const Network& expected,
                                       int64_t epochs) const {
  const TensorFile file = read_safetensors(path(index));
  ExpertTrajectory trajectory;
  trajectory.network = build_(file.metadata, file.origin);
  trajectory.origin = file.origin;
  trajectory.thetas = file.tensor("thetas");
  const std::string differs = difference(*trajectory.network, expected);
  if (!differs.empty()) {
    throw Error(fmt::format("{}: a trajectory of another architecture: {}", file.origin, differs));
  }
  if (trajectory.thetas.dim() != 2 || trajectory.thetas.size(1) != expected.layout().size()) {
    throw Error(fmt::format("{}: 'thetas' does not have {} columns, one a parameter", file.origin,
                            expected.layout().size()));
  }
  if (trajectory.epochs() < epochs) {
    throw Error(fmt::format("{}: {} epochs are recorded, matching reads {}; raise experts.epochs",
                            file.origin, trajectory.epochs(), epochs));
  }
  const torch::Tensor losses = file.tensor("losses").to(torch::kFloat64).contiguous();
  trajectory.losses.assign(losses.data_ptr<double>(), losses.data_ptr<double>() + losses.numel());
  return trajectory;
}

void TrajectoryStore::write(int64_t index, const ExpertTrajectory& trajectory,
                            const std::string& key) const {
  TensorFile file;
  file.tensors = {{"thetas", trajectory.thetas},
                  {"losses", torch::tensor(trajectory.losses, torch::kFloat64)}};
  file.metadata = trajectory.network->describe();
  file.metadata["kind"] = "mkdt expert trajectory";
  file.metadata["key"] = key;
  put_checksum(file);
  write_safetensors(path(index), file);
}

bool TrajectoryStore::has(int64_t index, const std::string& key) const {
  if (!std::filesystem::exists(path(index))) return false;
  try {
    const TensorFile file = read_safetensors(path(index));
    if (file.text("key") != key) return false;
    check_checksum(file);
    return true;
  } catch (const Error&) {
    return false;  // damaged or of another kind: it is recorded again
  }
}

}  // namespace mkdt
