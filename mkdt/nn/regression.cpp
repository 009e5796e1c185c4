#include "mkdt/nn/regression.h"

#include <array>

#include <torch/csrc/autograd/autograd.h>
#include <torch/utils.h>

#include "mkdt/base/threads.h"
#include "mkdt/nn/native/forward.h"

namespace mkdt {

torch::Tensor regression_loss(const Network& network, const torch::Tensor& theta,
                              const torch::Tensor& images, const torch::Tensor& targets) {
  return torch::mse_loss(network.outputs(theta, images), targets);
}

double sgd_step(const Network& network, Student& student, const torch::Tensor& images,
                const torch::Tensor& targets, const SgdOptions& options) {
  if (student.gradient == nullptr) {
    student.gradient = make_regression_gradient(network, student.theta);
  }
  const auto [loss, gradient] = student.gradient->at(student.theta, images, targets);

  const torch::NoGradGuard no_grad;
  const torch::Tensor theta = student.theta.detach();
  const torch::Tensor step = gradient.add(theta, options.weight_decay);
  student.velocity =
      student.velocity.defined() ? student.velocity.mul(options.momentum).add_(step) : step;
  student.theta = theta.sub(student.velocity, options.lr);
  return loss;
}

double mean_regression_loss(const Network& network, const torch::Tensor& theta,
                            const ImageRange& images_at, const torch::Tensor& targets) {
  const torch::Tensor outputs = outputs_in_batches(network, theta, images_at, targets.size(0));
  return torch::mse_loss(outputs.to(torch::kFloat64), targets.to(torch::kFloat64)).item<double>();
}

namespace {

// Computes halves of a large batch at the same time, and the mean of their losses in proportion to
// their sizes: the images of a batch do not know of each other.
class AutogradGradient : public RegressionGradient {
 public:
  explicit AutogradGradient(const Network& network) : network_(network) {}

  std::pair<double, torch::Tensor> at(const torch::Tensor& theta, const torch::Tensor& images,
                                      const torch::Tensor& targets) override {
    std::array<Half, 2> halves;
    const auto solve = [&](Half& half, int64_t begin, int64_t end) {
      const torch::Tensor leaf = theta.detach().requires_grad_(true);
      const torch::Tensor loss =
          part_of_regression_loss(network_, leaf, images.slice(0, begin, end),
                                  targets.slice(0, begin, end), images.size(0));
      half = {loss.detach(), torch::autograd::grad({loss}, {leaf})[0]};
    };
    const int64_t size = images.size(0), middle = size / 2;
    if (!worth_halving(images)) {
      solve(halves[0], 0, size);
      return {halves[0].loss.item<double>(), halves[0].gradient};
    }
    side_by_side_.run([&] { solve(halves[0], 0, middle); },
                      [&] { solve(halves[1], middle, size); });
    return {halves[0].loss.add_(halves[1].loss).item<double>(),
            halves[0].gradient.add_(halves[1].gradient)};
  }

 private:
  struct Half {
    torch::Tensor loss, gradient;
  };

  const Network& network_;
  SideBySide side_by_side_;
};

template <typename T>
class NativeGradient : public RegressionGradient {
 public:
  explicit NativeGradient(const ConvNet& network) : network_(network) {}

  std::pair<double, torch::Tensor> at(const torch::Tensor& theta, const torch::Tensor& images,
                                      const torch::Tensor& targets) override {
    native::check_tensors(network_, theta, images, targets);
    const int64_t size = images.size(0);
    if (engine_ == nullptr) {
      engine_ = std::make_unique<native::ConvNetEngine<T>>(network_, size, /*with_tangents=*/false,
                                                           native::chosen_isa());
    }
    const torch::Tensor x = images.contiguous(), z = targets.contiguous();
    const torch::Tensor rows = torch::arange(size, torch::kInt64);
    const torch::Tensor point = theta.detach().contiguous();
    torch::Tensor gradient = torch::empty_like(point);
    const double loss = engine_->gradient(point.template data_ptr<T>(),
                                          {x.template data_ptr<T>(), z.template data_ptr<T>(),
                                           rows.template data_ptr<int64_t>(), size},
                                          gradient.template data_ptr<T>());
    return {loss, gradient};
  }

 private:
  ConvNet network_;
  std::unique_ptr<native::ConvNetEngine<T>> engine_;  // made for the first batch's size
};

}  // namespace

std::unique_ptr<RegressionGradient> make_regression_gradient(const Network& network,
                                                             const torch::Tensor& theta) {
  const ConvNet* const convnet = native::native_convnet(network, theta);
  if (convnet == nullptr) return std::make_unique<AutogradGradient>(network);
  if (theta.scalar_type() == torch::kFloat64) {
    return std::make_unique<NativeGradient<double>>(*convnet);
  }
  return std::make_unique<NativeGradient<float>>(*convnet);
}

}  // namespace mkdt
