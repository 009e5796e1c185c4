// The operators of the pretended device: the CPU's, on its memory.
#include <array>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include <ATen/NativeFunctions.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>
#include <torch/utils.h>

#include "tests/support/pretend_memory.h"

namespace mkdt::testing {
namespace {

at::Tensor copy_from(const at::Tensor& self, const at::Tensor& to, bool /*non_blocking*/) {
  if (is_here(self) && is_here(to)) {
    count(&DeviceCounts::operators, "copy");
  } else if (is_here(to)) {
    count(&DeviceCounts::uploads, "upload");
  } else {
    count(&DeviceCounts::downloads, "download");
  }
  on_host(to).copy_(on_host(self));
  return to;
}

at::Tensor copy_from_and_resize(const at::Tensor& self, const at::Tensor& to) {
  to.resize_(self.sizes());
  return copy_from(self, to, false);
}

at::Scalar local_scalar(const at::Tensor& self) {
  count(&DeviceCounts::synchronisations, "_local_scalar_dense");
  return on_host(self).item();
}

at::Tensor convolution(const at::Tensor& input, const at::Tensor& weight,
                       const c10::optional<at::Tensor>& bias, at::IntArrayRef stride,
                       at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                       at::IntArrayRef output_padding, int64_t groups) {
  TORCH_CHECK(is_here(input) && is_here(weight) && (!bias || !bias->defined() || is_here(*bias)),
              "convolution: tensors of the CPU and of the pretended device");
  count(&DeviceCounts::operators, "convolution");
  c10::optional<at::Tensor> host_bias;
  if (bias) host_bias = on_host(*bias);
  return to_device(at::convolution(on_host(input), on_host(weight), host_bias, stride, padding,
                                   dilation, transposed, output_padding, groups));
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> convolution_backward(
    const at::Tensor& gradient, const at::Tensor& input, const at::Tensor& weight,
    at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
    at::IntArrayRef output_padding, int64_t groups, std::array<bool, 3> mask) {
  TORCH_CHECK(is_here(gradient) && is_here(input) && is_here(weight),
              "convolution_backward: tensors of the CPU and of the pretended device");
  count(&DeviceCounts::operators, "convolution_backward");
  const std::vector<int64_t> bias = {transposed ? weight.size(1) * groups : weight.size(0)};
  const auto [x, w, b] = at::convolution_backward(
      on_host(gradient), on_host(input), on_host(weight), at::IntArrayRef(bias), stride, padding,
      dilation, transposed, output_padding, groups, mask);
  return {to_device(x), to_device(w), to_device(b)};
}

// Every other operator.

// They give sizes or numbers that the host waits for.
const std::set<std::string> kWaiting = {
    "aten::equal",    "aten::nonzero",           "aten::masked_select",
    "aten::_unique2", "aten::unique_dim",        "aten::unique_consecutive",
    "aten::bincount", "aten::repeat_interleave", "aten::_linalg_check_errors",
    "aten::is_set_to"};

// A number on the CPU does as one argument of these, and of those that write into the first.
const std::set<std::string> kWithNumbers = {
    "aten::add",        "aten::sub",         "aten::mul",        "aten::div",
    "aten::rsub",       "aten::eq",          "aten::ne",         "aten::lt",
    "aten::le",         "aten::gt",          "aten::ge",         "aten::pow",
    "aten::maximum",    "aten::minimum",     "aten::where",      "aten::atan2",
    "aten::fmod",       "aten::remainder",   "aten::clamp",      "aten::clamp_min",
    "aten::clamp_max",  "aten::lerp",        "aten::addcmul",    "aten::addcdiv",
    "aten::fill",       "aten::logical_and", "aten::logical_or", "aten::bitwise_and",
    "aten::masked_fill"};

bool does_with_numbers(std::string name) {
  if (name.back() == '_') name.pop_back();
  return kWithNumbers.count(name) != 0;
}

// Indices may be the host's: they are uploaded.
bool takes_indices(const std::string& name) {
  return name == "aten::index" || name == "aten::index_put_" || name == "aten::_index_put_impl_" ||
         name == "aten::_unsafe_index";
}

class Fallback {
 public:
  Fallback(const c10::OperatorHandle& op, torch::jit::Stack& stack)
      : op_(op),
        name_(op.schema().name()),
        stack_(stack),
        begin_(stack.size() - op.schema().arguments().size()) {}

  void run() {
    count(&DeviceCounts::operators, name_);
    if (kWaiting.count(name_) != 0) count(&DeviceCounts::synchronisations, "");
    for (size_t i = begin_; i < stack_.size(); ++i) {
      const auto& argument = op_.schema().arguments()[i - begin_];
      const c10::AliasInfo* const alias = argument.alias_info();
      // What an operator is to write into may be of another size, or have none yet.
      const bool output = argument.kwarg_only() && alias != nullptr && alias->isWrite();
      stack_[i] = lower(stack_[i], output);
    }
    check();
    op_.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), &stack_);
    for (const Pair& pair : replaced_) {
      pair.device.resize_(pair.host.sizes());
      on_host(pair.device).copy_(pair.host);
    }
    const size_t returned = stack_.size() - op_.schema().returns().size();
    for (size_t i = returned; i < stack_.size(); ++i) stack_[i] = raise(stack_[i]);
  }

 private:
  struct Pair {
    at::Tensor device, host;
  };

  at::Tensor lower_tensor(const at::Tensor& tensor, bool output, bool index) {
    if (!tensor.defined()) return tensor;
    if (!is_here(tensor)) {
      if (tensor.dim() > 0 && index) count(&DeviceCounts::uploads, "upload");
      if (tensor.dim() > 0 && !index) shaped_of_host_ = true;
      if (tensor.dim() == 0) number_of_host_ = true;
      return tensor;
    }
    here_ = true;
    if (output) {
      replaced_.push_back({tensor, at::empty({0}, at::TensorOptions(tensor.scalar_type()))});
      lowered_.push_back(replaced_.back());
    } else {
      lowered_.push_back({tensor, on_host(tensor)});
    }
    return lowered_.back().host;
  }

  c10::IValue lower(const c10::IValue& value, bool output) {
    if (value.isTensor()) return lower_tensor(value.toTensor(), output, /*index=*/false);
    if (value.isTensorList()) {
      std::vector<at::Tensor> tensors;
      for (const at::Tensor& tensor : value.toTensorVector()) {
        tensors.push_back(lower_tensor(tensor, output, /*index=*/false));
      }
      return tensors;
    }
    if (value.isOptionalTensorList()) {
      c10::List<c10::optional<at::Tensor>> tensors;
      for (const c10::optional<at::Tensor>& tensor : value.toOptionalTensorVector()) {
        c10::optional<at::Tensor> low;
        if (tensor) low = lower_tensor(*tensor, output, takes_indices(name_));
        tensors.push_back(low);
      }
      return tensors;
    }
    if (value.isGenerator()) {
      TORCH_CHECK(!value.toGenerator().defined(), name_, ": a generator of the CPU on the device");
    }
    if (value.isDevice()) {
      here_ = true;
      return c10::Device(c10::DeviceType::CPU);
    }
    return value;
  }

  void check() const {
    TORCH_CHECK(!here_ || !shaped_of_host_, name_,
                ": tensors of the CPU and of the pretended device");
    TORCH_CHECK(!here_ || !number_of_host_ || does_with_numbers(name_) || takes_indices(name_),
                name_, ": a number of the CPU and tensors of the pretended device");
  }

  at::Tensor raise_tensor(const at::Tensor& host) const {
    if (!host.defined()) return host;
    for (const Pair& pair : lowered_) {
      if (pair.host.is_same(host)) return pair.device;
      TORCH_CHECK(!host.is_alias_of(pair.host), name_, ": a view that is to be registered");
    }
    return to_device(host);
  }

  c10::IValue raise(const c10::IValue& value) const {
    if (value.isTensor()) return raise_tensor(value.toTensor());
    if (!value.isTensorList()) return value;
    std::vector<at::Tensor> tensors;
    for (const at::Tensor& tensor : value.toTensorVector()) tensors.push_back(raise_tensor(tensor));
    return tensors;
  }

  const c10::OperatorHandle& op_;
  std::string name_;
  torch::jit::Stack& stack_;
  size_t begin_;
  std::vector<Pair> lowered_, replaced_;
  bool here_ = false, shaped_of_host_ = false, number_of_host_ = false;
};

void fallback(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  Fallback(op, *stack).run();
}

TORCH_LIBRARY_IMPL(_, MKDT_PRETENDED, m) {
  m.fallback(torch::CppFunction::makeFromBoxedFunction<&fallback>());
}

TORCH_LIBRARY_IMPL(aten, MKDT_PRETENDED, m) {
  m.impl("empty.memory_format", TORCH_FN(empty));
  m.impl("empty_strided", TORCH_FN(empty_strided));
  m.impl("as_strided", TORCH_FN(at::native::as_strided_tensorimpl));
  m.impl("view", TORCH_FN(at::native::view));
  m.impl("_reshape_alias", TORCH_FN(at::native::_reshape_alias));
  m.impl("unfold", TORCH_FN(at::native::unfold));
  m.impl("resize_", TORCH_FN(resize));
  m.impl("set_.source_Storage_storage_offset", TORCH_FN(set_storage));
  m.impl("_copy_from", TORCH_FN(copy_from));
  m.impl("_copy_from_and_resize", TORCH_FN(copy_from_and_resize));
  m.impl("_local_scalar_dense", TORCH_FN(local_scalar));
  m.impl("convolution_overrideable", TORCH_FN(convolution));
  m.impl("convolution_backward_overrideable", TORCH_FN(convolution_backward));
}

}  // namespace
}  // namespace mkdt::testing
