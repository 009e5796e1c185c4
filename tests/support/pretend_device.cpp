#include "tests/support/pretend_device.h"

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <utility>

#include <ATen/EmptyTensor.h>
#include <c10/core/Allocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/version.h>

#include "tests/support/pretend_memory.h"

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR > 6)
#define MKDT_HAS_ACCELERATOR_HOOKS
#include <ATen/detail/HPUHooksInterface.h>
#endif

namespace mkdt::testing {
namespace {

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
  return {marked(memory), memory, free_memory, c10::Device(kPretendedType, 0)};
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
  c10::DeviceType type() const override { return kPretendedType; }
  c10::Device exchangeDevice(c10::Device /*device*/) const override { return getDevice(); }
  c10::Device getDevice() const override { return {kPretendedType, 0}; }
  void setDevice(c10::Device /*device*/) const override {}
  void uncheckedSetDevice(c10::Device /*device*/) const noexcept override {}
  c10::Stream getStream(c10::Device device) const noexcept override {
    return c10::Stream(c10::Stream::DEFAULT, c10::Device(device.type(), 0));
  }
  c10::Stream exchangeStream(c10::Stream stream) const noexcept override { return stream; }
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
};

const c10::impl::DeviceGuardImplRegistrar kGuard(kPretendedType, new PretendGuard);

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
  c10::SetAllocator(kPretendedType, &allocator());
  return true;
}();

}  // namespace

void count(int64_t DeviceCounts::*what, const std::string& name) {
  const std::lock_guard<std::mutex> lock(record().mutex);
  ++(record().counts.*what);
  if (!name.empty()) ++record().counts.by_name[name];
}

bool is_here(const at::Tensor& tensor) {
  return tensor.defined() && tensor.device().type() == kPretendedType;
}

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

torch::Device pretended_device() {
  TORCH_CHECK(kHasAllocator, "no memory");
  return torch::Device(kPretendedType);
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
