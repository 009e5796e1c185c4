#include "mkdt/nn/flop_counter.h"

#include <atomic>
#include <stdexcept>
#include <string_view>

#include <ATen/record_function.h>
#include <torch/types.h>

namespace mkdt {
namespace {

// The counts are not the object's own, since callbacks are plain functions and may come from
// libtorch's threads. They are whole numbers, since std::atomic<double> cannot add before C++20.
std::atomic<int64_t> counted{0};
std::atomic<bool> counting{false};

int64_t product(at::IntArrayRef sizes) {
  int64_t all = 1;
  for (const int64_t size : sizes) all *= size;
  return all;
}

// Each output position of a convolution (each input position of a transposed one) is met by every
// weight of its group's filters: B·positions·|weight|. `positions`: of the tensor [B,C,…].
int64_t convolution(const torch::Tensor& positions, const torch::Tensor& weight) {
  return 2 * positions.size(0) * product(positions.sizes().slice(2)) * weight.numel();
}

// Computes the spatial size of the output as PyTorch's documentation of Conv2d has it.
int64_t forward_convolution(c10::ArrayRef<const c10::IValue> inputs) {
  const torch::Tensor& images = inputs[0].toTensor();
  const torch::Tensor& weight = inputs[1].toTensor();
  if (inputs[6].toBool()) return convolution(images, weight);
  const auto stride = inputs[3].toIntVector(), padding = inputs[4].toIntVector(),
             dilation = inputs[5].toIntVector();
  int64_t pixels = 1;
  for (int64_t axis = 0; axis < images.dim() - 2; ++axis) {
    const auto at = [axis](const std::vector<int64_t>& values) {
      return values[values.size() == 1 ? 0 : static_cast<size_t>(axis)];
    };
    const int64_t reach = at(dilation) * (weight.size(axis + 2) - 1) + 1;
    pixels *= (images.size(axis + 2) + 2 * at(padding) - reach) / at(stride) + 1;
  }
  return 2 * images.size(0) * pixels * weight.numel();
}

int64_t backward_convolution(c10::ArrayRef<const c10::IValue> inputs) {
  const torch::Tensor& positions = inputs[inputs[7].toBool() ? 1 : 0].toTensor();
  const auto wanted = inputs[10].toBoolList();  // gradients of images, weight and bias
  return (int64_t{wanted[0]} + int64_t{wanted[1]}) * convolution(positions, inputs[2].toTensor());
}

// [..,n,k]·[..,k,m] takes 2·(..)·n·k·m.
int64_t matrix_product(const c10::IValue& a, const c10::IValue& b) {
  return 2 * a.toTensor().numel() * b.toTensor().size(-1);
}

std::unique_ptr<at::ObserverContext> on_operator(const at::RecordFunction& operation) {
  const std::string_view name = operation.name();
  const auto inputs = operation.inputs();
  if (name == "aten::convolution") {
    counted += forward_convolution(inputs);
  } else if (name == "aten::convolution_backward") {
    counted += backward_convolution(inputs);
  } else if (name == "aten::mm" || name == "aten::bmm") {
    counted += matrix_product(inputs[0], inputs[1]);
  } else if (name == "aten::addmm" || name == "aten::baddbmm") {
    counted += matrix_product(inputs[1], inputs[2]);
  }
  return nullptr;
}

}  // namespace

FlopCounter::FlopCounter() {
  if (counting.exchange(true)) throw std::logic_error("two flop counters at once");
  counted = 0;
  callback_ = at::addGlobalCallback(
      at::RecordFunctionCallback(on_operator)
          .needsInputs(true)
          .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}));
}

FlopCounter::~FlopCounter() {
  at::removeCallback(callback_);
  counting = false;
}

double FlopCounter::flops() const { return static_cast<double>(counted.load()); }

void count_flops(double flops) {
  if (counting) counted += static_cast<int64_t>(flops);
}

}  // namespace mkdt
