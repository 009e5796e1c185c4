// Inner problems of random sizes for the meta-gradient engines.
#pragma once

#include <memory>
#include <random>
#include <vector>

#include <torch/types.h>

#include "mkdt/base/random.h"
#include "mkdt/distill/meta_gradient.h"
#include "mkdt/distill/trajectory_task.h"
#include "mkdt/nn/convnet.h"
#include "tests/fixtures/test_device.h"

namespace mkdt {

inline int64_t pick(std::mt19937_64& integers, int64_t lowest, int64_t highest) {
  return std::uniform_int_distribution<int64_t>(lowest, highest)(integers);
}

// A small ConvNet of the paper's blocks.
inline NetworkPtr random_convnet(std::mt19937_64& integers) {
  ConvNetShape shape;
  shape.depth = pick(integers, 1, 3);
  shape.image_size = pick(integers, int64_t{1} << shape.depth, 13);
  shape.channels = pick(integers, 1, 3);
  shape.width = pick(integers, 1, 6);
  shape.outputs = pick(integers, 1, 7);
  return std::make_shared<ConvNet>(shape);
}

// A small distillation problem, all of it drawn from one seed.
class RandomProblem {
 public:
  explicit RandomProblem(uint64_t seed, torch::Dtype dtype = torch::kFloat64,
                         const std::function<NetworkPtr(std::mt19937_64&)>& draw = random_convnet)
      : integers_(seed),
        generator_(make_generator(seed, "meta-gradient test")),
        dtype_(dtype),
        network_(draw(integers_)) {
    theta_start_ = theta();
    theta_target_ = theta();
    const int64_t rows = pick(2, 8), size = network_->image_size();
    images_ = normal({rows, network_->channels(), size, size});
    targets_ = normal({rows, network_->output_dim()});
    const int64_t batch = pick(1, rows), steps = pick(1, size > 16 ? 3 : 6);
    for (int64_t i = 0; i < steps; ++i) {
      batches_.push_back(testing::on_test_device(
          torch::randperm(rows, generator_, torch::kInt64).slice(0, 0, batch)));
    }
  }

  std::string describe() const {
    std::string text = "images " + std::to_string(images_.size(0)) + ", batch " +
                       std::to_string(batches_[0].size(0)) + ", steps " +
                       std::to_string(batches_.size());
    for (const auto& [key, value] : network_->describe()) text += ", " + key + " " + value;
    return text;
  }
  InnerProblem problem(double lr = 0.07) const {
    return {*network_, theta_start_, images_,   targets_, lr,
            batches_,  nullptr,      momentum_, velocity_};
  }
  // From here on problems have it, and a velocity to start with.
  void add_momentum() {
    momentum_ = 0.8;
    velocity_ = 0.1 * normal(theta_start_.sizes().vec());
  }
  OuterObjective matching() const { return matching_loss(theta_start_, theta_target_); }

  int64_t pick(int64_t lowest, int64_t highest) { return mkdt::pick(integers_, lowest, highest); }
  torch::Tensor normal(std::vector<int64_t> shape) {
    return torch::randn(shape, generator_, torch::kFloat64).to(testing::test_device(), dtype_);
  }

 private:
  // Away from the initial 0 and 1 of the norms' parameters.
  torch::Tensor theta() {
    const torch::Tensor initial =
        network_->initialise(generator_).to(testing::test_device(), dtype_);
    return initial + 0.1 * normal(initial.sizes().vec());
  }

  std::mt19937_64 integers_;
  at::Generator generator_;
  torch::Dtype dtype_;
  NetworkPtr network_;
  torch::Tensor theta_start_, theta_target_, images_, targets_;
  std::vector<torch::Tensor> batches_;
  double momentum_ = 0;
  torch::Tensor velocity_;
};

}  // namespace mkdt
