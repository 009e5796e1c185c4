#include "mkdt/core/device.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/cuda.h>
#include <torch/version.h>

// Since 2.9 the allocator of any device has an interface without a device's own headers. Before, it
// is in one that includes CUDA's: there where the toolkit is.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 9)
#include <c10/core/CachingDeviceAllocator.h>
#define MKDT_SEES_DEVICE_MEMORY
using DeviceAllocator = c10::DeviceAllocator;
#elif TORCH_VERSION_MAJOR == 2 && __has_include(<cuda_runtime_api.h>)
#include <c10/cuda/CUDACachingAllocator.h>
#define MKDT_SEES_DEVICE_MEMORY
using DeviceAllocator = c10::cuda::CUDACachingAllocator::CUDAAllocator;
#endif

namespace mkdt {
namespace {

#ifdef MKDT_SEES_DEVICE_MEMORY
// libtorch's allocator of `device`; null for the CPU, and as long as no tensor was made there.
DeviceAllocator* device_allocator(torch::Device device) {
  if (!device.is_cuda() || !torch::cuda::is_available()) return nullptr;
  // The hooks know no other allocator than this; with static_cast, CUDA's library need not be
  // linked to compile against its headers.
  auto* const allocator =
      static_cast<DeviceAllocator*>(at::detail::getCUDAHooks().getCUDADeviceAllocator());
  return allocator != nullptr && allocator->initialized() ? allocator : nullptr;
}

// Of the current device, where `device` names none.
c10::DeviceIndex index_of(torch::Device device) {
  if (device.has_index()) return device.index();
  return static_cast<c10::DeviceIndex>(at::detail::getCUDAHooks().current_device());
}
#endif

}  // namespace

void synchronise(torch::Device device) {
  if (device.is_cuda()) torch::cuda::synchronize(device.index());
}

std::optional<int64_t> peak_device_memory([[maybe_unused]] torch::Device device) {
#ifdef MKDT_SEES_DEVICE_MEMORY
  if (auto* const allocator = device_allocator(device)) {
    constexpr size_t kOfAllPools = 0;
    return allocator->getDeviceStats(index_of(device)).allocated_bytes[kOfAllPools].peak;
  }
#endif
  return std::nullopt;
}

void reset_peak_device_memory([[maybe_unused]] torch::Device device) {
#ifdef MKDT_SEES_DEVICE_MEMORY
  if (auto* const allocator = device_allocator(device)) allocator->resetPeakStats(index_of(device));
#endif
}

void release_device_memory([[maybe_unused]] torch::Device device) {
#ifdef MKDT_SEES_DEVICE_MEMORY
  if (auto* const allocator = device_allocator(device)) allocator->emptyCache();
#endif
}

}  // namespace mkdt
