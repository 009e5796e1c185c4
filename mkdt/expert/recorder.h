// Records expert trajectories: trains students, epoch by epoch, into a store.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/base/observer.h"
#include "mkdt/expert/trajectory.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/nn/regression.h"

namespace mkdt {

// The state of one expert in training.
struct ExpertProgress {
  Student student;
  std::vector<torch::Tensor> thetas;  // [P] before training and after every epoch, as stored
  std::vector<double> losses;         // of every whole epoch
  at::Generator epoch_start;          // as it was before this epoch's batches were drawn
  at::Generator generator;            // as it is now
  int64_t steps = 0;                  // of this epoch
  double loss_sum = 0;                // over the images of this epoch so far
};

// Convert the state to tensors, and back on `device`. Throws Error naming the file if one is
// missing.
TensorFile to_tensors(const ExpertProgress& progress);
ExpertProgress expert_progress(const TensorFile& file, torch::Device device);

// The beginning of an expert's training.
struct ExpertStart {
  torch::Tensor theta;      // [P] on the device
  at::Generator generator;  // for all that follows
};

// How an expert is trained, whatever its loss.
struct ExpertCourse {
  std::string name;    // for progress and curve: "experts"
  NetworkPtr network;  // of the trajectories
  int64_t images = 0;  // in an epoch
  int64_t epochs = 0;  // to train and record
  torch::Dtype stored = torch::kFloat32;
  torch::Device device = torch::kCPU;
  std::string remedy;  // for a loss that is not finite: "lower experts.lr (it is 0.1)"
  std::function<ExpertStart(int64_t index)> start;
  // Draws the rows of every batch of an epoch.
  std::function<std::vector<torch::Tensor>(at::Generator& generator)> draw_batches;
  // Takes one step on one batch and returns its mean loss before the step.
  std::function<double(Student& student, const torch::Tensor& rows, at::Generator& generator)> step;
};

// Trains expert `index` and returns θ before training and after every epoch. Throws Error naming
// expert, epoch and step where the loss stops being finite.
ExpertTrajectory record_expert(const ExpertCourse& course, int64_t index);

// Records all experts of the store; those that are there with this key are kept. An expert in
// training is kept in a checkpoint beside them every `minutes`, and before Stopped is thrown; its
// training resumes from there with the same bits.
void record_experts(const ExpertCourse& course, const TrajectoryStore& store,
                    const std::string& key, double minutes, Observer& observer);

}  // namespace mkdt
