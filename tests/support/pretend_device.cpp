#include "tests/support/pretend_device.h"

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include <ATen/EmptyTensor.h>
#include <ATen/NativeFunctions.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/Allocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>
#include <torch/utils.h>
#include <torch/version.h>

// One that nothing is behind, modules move to, and copies are left to: the place for devices from
// outside takes no modules, libtorch 2.x copies to XPU itself, and 1.13 moves no modules to HPU.
#if TORCH_VERSION_MAJOR >= 2
#define MKDT_PRETENDED HPU
#else
#define MKDT_PRETENDED XPU
#endif

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR > 6)
#define MKDT_HAS_ACCELERATOR_HOOKS
#include <ATen/detail/HPUHooksInterface.h>
#endif

namespace mkdt::testing {
namespace {

constexpr auto kType = c10::DeviceType::MKDT_PRETENDED;
const c10::DispatchKeySet kKeys(c10::DispatchKey::MKDT_PRETENDED);

struct Record {
  std::mutex mutex;
  DeviceCounts counts;
  int64_t until_failure = 0;
};

Record& record() {
  static Record only;
  return only;
}

void count(int64_t DeviceCounts::*what, const std::string& name) {
  const std::lock_guard<std::mutex> lock(record().mutex);
  ++(record().counts.*what);
  if (!name.empty()) ++record().counts.by_name[name];
}

bool is_here(const at::Tensor& tensor) {
  return tensor.defined() && tensor.device().type() == kType;
}

// Memory and device.

// Addresses of the device's memory are the host's with a bit that no address has: who reads or
// writes there without an operator crashes, as with a GPU's.
constexpr uintptr_t kMark = uintptr_t{1} << 62;

void* marked(void* memory) {
  return reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(memory) | kMark);
}

void* memory_of(const at::Tensor& tensor) {
  return reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(tensor.data_ptr()) & ~kMark);
}

void free_memory(void* memory) { std::free(memory); }

c10::DataPtr allocate_memory(size_t bytes) {
  {
    const std::lock_guard<std::mutex> lock(record().mutex);
    ++record().counts.allocations;
    TORCH_CHECK_WITH(OutOfMemoryError, record().until_failure == 0 || --record().until_failure != 0,
                     "Pretended device out of memory. Tried to allocate ", bytes, " bytes");
  }
  constexpr size_t kAlignment = 64;
  void* const memory =
      std::aligned_alloc(kAlignment, (bytes + kAlignment) / kAlignment * kAlignment);
  return {marked(memory), memory, free_memory, c10::Device(kType, 0)};
}

// See base/memory.cpp: `allocate` is const up to libtorch 2.2 only.
#if defined(__clang__)
#pragma clang diagnostic ignored "-Winconsistent-missing-override"
#endif
// NOLINTBEGIN(modernize-use-override)
class PretendAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) const { return allocate_memory(bytes); }
  c10::DataPtr allocate(size_t bytes) { return allocate_memory(bytes); }
  void copy_data(void* to, const void* from, size_t bytes) const { std::memcpy(to, from, bytes); }
};
// NOLINTEND(modernize-use-override)

PretendAllocator& allocator() {
  static PretendAllocator only;
  return only;
}

struct PretendGuard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return kType; }
  c10::Device exchangeDevice(c10::Device /*device*/) const override { return getDevice(); }
  c10::Device getDevice() const override { return {kType, 0}; }
  void setDevice(c10::Device /*device*/) const override {}
  void uncheckedSetDevice(c10::Device /*device*/) const noexcept override {}
  c10::Stream getStream(c10::Device device) const noexcept override {
    return c10::Stream(c10::Stream::DEFAULT, c10::Device(device.type(), 0));
  }
  c10::Stream exchangeStream(c10::Stream stream) const noexcept override { return stream; }
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
};

const c10::impl::DeviceGuardImplRegistrar kGuard(kType, new PretendGuard);

#ifdef MKDT_HAS_ACCELERATOR_HOOKS
// Autograd asks for the one device that there is.
struct PretendHooks final : at::HPUHooksInterface {
  explicit PretendHooks(at::HPUHooksArgs /*unused*/) {}
  bool isBuilt() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex /*device*/) const override { return true; }
};
using at::HPUHooksRegistry;
using at::RegistererHPUHooksRegistry;
C10_REGISTER_CLASS(HPUHooksRegistry, HPUHooks, PretendHooks)
#endif

const bool kHasAllocator = [] {
  c10::SetAllocator(kType, &allocator());
  return true;
}();

at::Tensor empty(at::IntArrayRef size, c10::optional<at::ScalarType> type,
                 c10::optional<at::Layout> /*layout*/, c10::optional<at::Device> /*device*/,
                 c10::optional<bool> /*pin*/, c10::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(size, &allocator(), kKeys, c10::dtype_or_default(type), format);
}

at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride,
                         c10::optional<at::ScalarType> type, c10::optional<at::Layout> /*layout*/,
                         c10::optional<at::Device> /*device*/, c10::optional<bool> /*pin*/) {
  return at::detail::empty_strided_generic(size, stride, &allocator(), kKeys,
                                           c10::dtype_or_default(type));
}

// The same memory as a tensor of the CPU, and the other way round: a copy.

at::Tensor on_host(const at::Tensor& tensor) {
  if (!is_here(tensor)) return tensor;
  return at::from_blob(memory_of(tensor), tensor.sizes(), tensor.strides(),
                       at::TensorOptions(tensor.scalar_type()));
}

at::Tensor to_device(const at::Tensor& host) {
  if (!host.defined()) return host;
  const at::Tensor dense = host.is_non_overlapping_and_dense() ? host : host.contiguous();
  at::Tensor made = at::detail::empty_strided_generic(dense.sizes(), dense.strides(), &allocator(),
                                                      kKeys, dense.scalar_type());
  if (dense.nbytes() > 0) std::memcpy(memory_of(made), dense.data_ptr(), dense.nbytes());
  return made;
}

const at::Tensor& resize(const at::Tensor& self, at::IntArrayRef size,
                         c10::optional<at::MemoryFormat> /*format*/) {
  if (self.sizes() == size) return self;
  const at::Tensor made =
      at::detail::empty_generic(size, &allocator(), kKeys, self.scalar_type(), c10::nullopt);
  const auto kept = static_cast<size_t>(std::min(self.numel(), made.numel()));
  if (kept > 0) std::memcpy(memory_of(made), memory_of(self), kept * self.element_size());
  self.unsafeGetTensorImpl()->set_storage_keep_dtype(made.storage());
  self.unsafeGetTensorImpl()->set_sizes_contiguous(size);
  return self;
}

at::Tensor& set_storage(at::Tensor& self, c10::Storage storage, int64_t offset,
                        at::IntArrayRef size, at::IntArrayRef stride) {
  at::TensorImpl& tensor = *self.unsafeGetTensorImpl();
  tensor.set_storage_keep_dtype(std::move(storage));
  tensor.set_storage_offset(offset);
  stride.empty() ? tensor.set_sizes_contiguous(size) : tensor.set_sizes_and_strides(size, stride);
  return self;
}

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

torch::Device pretended_device() {
  TORCH_CHECK(kHasAllocator, "no memory");
  return torch::Device(kType);
}

DeviceCounts device_counts() {
  const std::lock_guard<std::mutex> lock(record().mutex);
  return record().counts;
}

void reset_device_counts() {
  const std::lock_guard<std::mutex> lock(record().mutex);
  record().counts = {};
}

void fail_allocation(int64_t nth) {
  const std::lock_guard<std::mutex> lock(record().mutex);
  record().until_failure = nth;
}

}  // namespace mkdt::testing
