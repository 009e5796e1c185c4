#include "mkdt/nn/regression_gradient.h"

#include <torch/csrc/autograd/autograd.h>

#include "mkdt/nn/native/forward.h"
#include "mkdt/nn/regression.h"

namespace mkdt {
namespace {

class AutogradGradient : public RegressionGradient {
 public:
  explicit AutogradGradient(const Network& network) : network_(network) {}

  std::pair<double, torch::Tensor> at(const torch::Tensor& theta, const torch::Tensor& images,
                                      const torch::Tensor& targets) override {
    const torch::Tensor leaf = theta.detach().requires_grad_(true);
    const torch::Tensor loss = regression_loss(network_, leaf, images, targets);
    return {loss.item<double>(), torch::autograd::grad({loss}, {leaf})[0]};
  }

 private:
  const Network& network_;
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
