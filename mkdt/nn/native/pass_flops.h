// Counts the floating-point operations of a ConvNet's passes over one image, 2 a multiply-add.
#pragma once

#include "mkdt/nn/native/convnet_plan.h"

namespace mkdt::native {

struct PassFlops {
  double first = 0;   // the first convolution, once
  double others = 0;  // those behind it
  double head = 0;

  double features() const { return first + others; }
  double outputs() const { return features() + head; }
  // Loss and gradient take outputs, gradient of the input and gradient of the filter; the images
  // have none.
  double gradient() const { return 2 * first + 3 * (others + head); }
  // The directional derivative takes forward 1 and its tangent 2, backward 1 + 2, filter tangents
  // 2. The images have no tangent and no primal gradient.
  double directional() const { return 5 * first + 8 * (others + head); }
};

// Count by definition, and the fewest that the native engine's algorithm needs: F(4×4,3×3) behind
// the first block.
PassFlops direct_flops(const ConvNetPlan& plan);
PassFlops winograd_flops(const ConvNetPlan& plan);

}  // namespace mkdt::native
