// Expert trajectories, the parameters of a student before training and after every epoch, and the
// folder that stores them.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/nn/network.h"

namespace mkdt {

struct ExpertTrajectory {
  NetworkPtr network;
  torch::Tensor thetas;              // [T+1,P], row t is θ*_t; float32 or bfloat16
  std::vector<double> losses;        // mean training loss of each of the T epochs
  std::string origin = "an expert";  // the file that it was read from, for messages

  int64_t epochs() const { return thetas.size(0) - 1; }
  // Returns θ*_t as float32 on `device`; reads only that row of a memory-mapped file. Throws Error
  // naming the file and the epoch if it is not finite.
  torch::Tensor theta(int64_t epoch, torch::Device device) const;
};

// Builds a network from its description, or throws Error naming `origin`.
using NetworkFactory = std::function<NetworkPtr(
    const std::map<std::string, std::string>& description, const std::string& origin)>;

// A folder with one file a trajectory, opened when it is asked for.
class TrajectoryStore {
 public:
  // Holds the first `count` trajectories of the folder. `build` knows the architectures that may be
  // in it.
  TrajectoryStore(std::filesystem::path folder, int64_t count, NetworkFactory build = make_network)
      : folder_(std::move(folder)), count_(count), build_(std::move(build)) {}

  int64_t count() const { return count_; }
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path path(int64_t index) const;

  // Opens a trajectory, memory-mapped. Throws Error naming the file if it is missing, malformed, of
  // another architecture than `expected`, or has fewer than `epochs` epochs.
  ExpertTrajectory open(int64_t index, const Network& expected, int64_t epochs) const;
  // Writes a trajectory atomically. `key` says from what the trajectory was made (see has).
  void write(int64_t index, const ExpertTrajectory& trajectory, const std::string& key) const;
  // Tells whether a trajectory with that key is there, whole: its values have the checksum that was
  // written.
  bool has(int64_t index, const std::string& key) const;

 private:
  std::filesystem::path folder_;
  int64_t count_;
  NetworkFactory build_;
};

}  // namespace mkdt
