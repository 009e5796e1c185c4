#include "mkdt/nn/native/forward.h"

namespace mkdt::native {
namespace {

template <typename T>
class ForwardPass {
 public:
  ForwardPass(const ConvNet& network, Forward what, const torch::Tensor& theta)
      : network_(network), what_(what), theta_(theta.detach().contiguous()) {}

  torch::Tensor operator()(const torch::Tensor& images) {
    check_tensors(network_, theta_, images, {});
    const int64_t size = images.size(0);
    const bool features = what_ == Forward::kFeatures;
    torch::Tensor result = torch::empty(
        {size, features ? network_.feature_dim() : network_.output_dim()}, theta_.options());
    if (size == 0) return result;
    if (engine_ == nullptr) {
      engine_ =
          std::make_shared<ConvNetEngine<T>>(network_, size, /*with_tangents=*/false, chosen_isa());
    }
    const torch::Tensor x = images.detach().contiguous();
    const torch::Tensor rows = torch::arange(size, torch::kInt64);
    const Batch<T> batch = {x.data_ptr<T>(), nullptr, rows.data_ptr<int64_t>(), size};
    if (features) {
      engine_->features(theta_.data_ptr<T>(), batch, result.data_ptr<T>());
    } else {
      engine_->outputs(theta_.data_ptr<T>(), batch, result.data_ptr<T>());
    }
    return result;
  }

 private:
  const ConvNet& network_;
  Forward what_;
  torch::Tensor theta_;
  std::shared_ptr<ConvNetEngine<T>> engine_;  // made for the first batch
};

}  // namespace

const ConvNet* native_convnet(const Network& network, const torch::Tensor& theta) {
  const auto dtype = theta.scalar_type();
  if (!theta.is_cpu() || (dtype != torch::kFloat32 && dtype != torch::kFloat64)) return nullptr;
  const auto* const convnet = dynamic_cast<const ConvNet*>(&network);
  if (convnet == nullptr || convnet->operators() != Operators::kFused) return nullptr;
  const ConvNetShape& shape = convnet->shape();
  const bool fits = shape.width <= kMostWidth && shape.channels <= kMostChannels;
  return shape.fusable() && fits ? convnet : nullptr;
}

void check_tensors(const ConvNet& network, const torch::Tensor& theta, const torch::Tensor& images,
                   const torch::Tensor& targets) {
  const auto check = [&](const torch::Tensor& tensor, at::IntArrayRef row, const char* name) {
    TORCH_CHECK(tensor.dim() >= 1 && tensor.sizes().slice(1) == row, name, " of shape ",
                tensor.sizes(), ", expected rows of ", row);
    TORCH_CHECK(tensor.is_cpu() && tensor.scalar_type() == theta.scalar_type(), name, " on ",
                tensor.device(), " as ", tensor.scalar_type(), ", expected ", theta.device(),
                " and ", theta.scalar_type());
  };
  check(theta, {}, "theta");
  TORCH_CHECK(theta.numel() == network.layout().size(), "theta has ", theta.numel(),
              " parameters, expected ", network.layout().size());
  const int64_t side = network.image_size();
  check(images, {network.channels(), side, side}, "images");
  if (!targets.defined()) return;
  check(targets, {network.output_dim()}, "targets");
  TORCH_CHECK(targets.size(0) == images.size(0), images.size(0), " images, but ", targets.size(0),
              " targets");
}

std::function<torch::Tensor(const torch::Tensor& images)> forward_pass(const ConvNet& network,
                                                                       Forward what,
                                                                       const torch::Tensor& theta) {
  if (theta.scalar_type() == torch::kFloat64) return ForwardPass<double>(network, what, theta);
  return ForwardPass<float>(network, what, theta);
}

}  // namespace mkdt::native
