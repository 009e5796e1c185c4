// The memory of the pretended device, for its operators.
#pragma once

#include <cstdint>
#include <string>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <torch/version.h>

#include "tests/support/pretend_device.h"

// One that nothing is behind, modules move to, and copies are left to: the place for devices from
// outside takes no modules, libtorch 2.x copies to XPU itself, and 1.13 moves no modules to HPU.
#if TORCH_VERSION_MAJOR >= 2
#define MKDT_PRETENDED HPU
#else
#define MKDT_PRETENDED XPU
#endif

namespace mkdt::testing {

constexpr auto kPretendedType = c10::DeviceType::MKDT_PRETENDED;

// Adds one to a count and, unless the name is empty, to that name's.
void count(int64_t DeviceCounts::*what, const std::string& name);

// Tells whether a tensor is on the device; one that is undefined is not.
bool is_here(const at::Tensor& tensor);

// These are the device's operators of the same names.
at::Tensor empty(at::IntArrayRef size, c10::optional<at::ScalarType> type,
                 c10::optional<at::Layout> layout, c10::optional<at::Device> device,
                 c10::optional<bool> pin, c10::optional<at::MemoryFormat> format);
at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride,
                         c10::optional<at::ScalarType> type, c10::optional<at::Layout> layout,
                         c10::optional<at::Device> device, c10::optional<bool> pin);
const at::Tensor& resize(const at::Tensor& self, at::IntArrayRef size,
                         c10::optional<at::MemoryFormat> format);
at::Tensor& set_storage(at::Tensor& self, c10::Storage storage, int64_t offset,
                        at::IntArrayRef size, at::IntArrayRef stride);

// Shows a tensor of the device as one of the CPU on the same memory, and one of the CPU as itself.
at::Tensor on_host(const at::Tensor& tensor);

// Copies a tensor of the CPU to the device; one that is undefined stays so.
at::Tensor to_device(const at::Tensor& host);

}  // namespace mkdt::testing
