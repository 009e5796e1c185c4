#include "mkdt/base/device.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/cuda.h>
#include <torch/version.h>

// Since 2.9 libtorch has an interface for the allocator of any device without that device's
// headers. Before, it is in a header that includes CUDA's, so it is there where the toolkit is.
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
// Returns libtorch's allocator of `device`; null for the CPU, and as long as no tensor was made
// there.
DeviceAllocator* device_allocator(torch::Device device) {
  if (!device.is_cuda() || !torch::cuda::is_available()) return nullptr;
  // The hooks know no other allocator than this; with static_cast, CUDA's library need not be
  // linked to compile against its headers.
  auto* const allocator =
      static_cast<DeviceAllocator*>(at::detail::getCUDAHooks().getCUDADeviceAllocator());
  return allocator != nullptr && allocator->initialized() ? allocator : nullptr;
}

// Returns the device's index, or that of the current device where `device` names none.
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

// From 2.9 on libtorch warns of the old functions, and refuses to go on where both kinds are used.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 10)
void allow_tf32(bool allowed) {
  const auto precision = allowed ? at::Float32Precision::TF32 : at::Float32Precision::IEEE;
  for (const auto op : {at::Float32Op::MATMUL, at::Float32Op::CONV}) {
    at::globalContext().setFloat32Precision(at::Float32Backend::CUDA, op, precision);
  }
}
bool tf32_allowed() {
  return at::globalContext().float32Precision(at::Float32Backend::CUDA, at::Float32Op::CONV) ==
         at::Float32Precision::TF32;
}
#elif TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR == 9
void allow_tf32(bool allowed) {
  for (const char* op : {"matmul", "conv"}) {
    at::globalContext().setFloat32Precision("cuda", op, allowed ? "tf32" : "ieee");
  }
}
bool tf32_allowed() { return at::globalContext().float32Precision("cuda", "conv") == "tf32"; }
#else
void allow_tf32(bool allowed) {
  at::globalContext().setAllowTF32CuBLAS(allowed);
  at::globalContext().setAllowTF32CuDNN(allowed);
}
bool tf32_allowed() { return at::globalContext().allowTF32CuDNN(); }
#endif

}  // namespace mkdt
