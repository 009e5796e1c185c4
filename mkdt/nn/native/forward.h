// The native engine for tensors: the networks that it can do, and their features and outputs.
#pragma once

#include <functional>

#include <torch/types.h>

#include "mkdt/nn/native/convnet_engine.h"

namespace mkdt::native {

// Larger networks are left to autograd: transformed filters, or the covariances of images' 3×3
// neighbourhoods, would take gigabytes.
constexpr int64_t kMostWidth = 1024;
constexpr int64_t kMostChannels = 32;

// Returns the network as the ConvNet that the native engine can compute, or null: it is another
// architecture, wider than kMostWidth, for images of more than kMostChannels or on other operators
// than the fused ones, or theta is not float32 or float64 on a CPU.
const ConvNet* native_convnet(const Network& network, const torch::Tensor& theta);

// Throws c10::Error unless theta is [P], images [·,C,H,W] and, where defined, targets as many
// [·,d], all of one dtype on the CPU: the engine reads them through pointers.
void check_tensors(const ConvNet& network, const torch::Tensor& theta, const torch::Tensor& images,
                   const torch::Tensor& targets);

enum class Forward { kFeatures, kOutputs };

// Returns a function images [B,C,H,W] → [B,F] or [B,d] at theta. It keeps the engine between its
// calls, and must not be called by two threads at once. The network outlives it.
std::function<torch::Tensor(const torch::Tensor& images)> forward_pass(const ConvNet& network,
                                                                       Forward what,
                                                                       const torch::Tensor& theta);

}  // namespace mkdt::native
