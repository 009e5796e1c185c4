#include "mkdt/nn/native/forward.h"

namespace mkdt::native {
namespace {

template <typename T>
torch::Tensor forward_as(const ConvNet& network, Forward what, const torch::Tensor& theta,
                         const torch::Tensor& images) {
  const int64_t size = images.size(0);
  const bool features = what == Forward::kFeatures;
  torch::Tensor result = torch::empty(
      {size, features ? network.feature_dim() : network.output_dim()}, theta.options());
  if (size == 0) return result;
  const torch::Tensor x = images.contiguous(), point = theta.contiguous();
  const torch::Tensor rows = torch::arange(size, torch::kInt64);
  const Batch<T> batch = {x.data_ptr<T>(), nullptr, rows.data_ptr<int64_t>(), size};
  ConvNetEngine<T> engine(network, size, /*with_tangents=*/false, chosen_isa());
  if (features) {
    engine.features(point.data_ptr<T>(), batch, result.data_ptr<T>());
  } else {
    engine.outputs(point.data_ptr<T>(), batch, result.data_ptr<T>());
  }
  return result;
}

}  // namespace

const ConvNet* native_convnet(const Network& network, const torch::Tensor& theta) {
  const auto dtype = theta.scalar_type();
  if (!theta.is_cpu() || (dtype != torch::kFloat32 && dtype != torch::kFloat64)) return nullptr;
  const auto* const convnet = dynamic_cast<const ConvNet*>(&network);
  return convnet != nullptr && convnet->operators() == Operators::kFused ? convnet : nullptr;
}

torch::Tensor forward(const ConvNet& network, Forward what, const torch::Tensor& theta,
                      const torch::Tensor& images) {
  const torch::Tensor point = theta.detach(), x = images.detach();
  return theta.scalar_type() == torch::kFloat64 ? forward_as<double>(network, what, point, x)
                                                : forward_as<float>(network, what, point, x);
}

}  // namespace mkdt::native
