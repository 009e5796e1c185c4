// The native engine for tensors: which networks it can do, and their features and outputs.
#pragma once

#include <torch/types.h>

#include "mkdt/nn/native/convnet_engine.h"

namespace mkdt::native {

// The network as the ConvNet that the native engine can compute, or null: it is another
// architecture or on stock operators, or theta is not float32 or float64 on a CPU.
const ConvNet* native_convnet(const Network& network, const torch::Tensor& theta);

enum class Forward { kFeatures, kOutputs };

// [B,F] or [B,d] for images [B,C,H,W] of theta's dtype.
torch::Tensor forward(const ConvNet& network, Forward what, const torch::Tensor& theta,
                      const torch::Tensor& images);

}  // namespace mkdt::native
