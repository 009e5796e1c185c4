// The parts that the sweeps over a micro-batch work with.
#pragma once

#include "mkdt/nn/native/packed_parameters.h"
#include "mkdt/nn/native/workspace.h"

namespace mkdt::native {

template <typename T>
struct Pass {
  const ConvNetPlan& plan;
  const Kernels<T>& kernels;
  const PackedParameters<T>& theta;
  const PackedParameters<T>* direction;  // θ̇; null: there are no tangents
  Workspace<T>& space;

  bool tangents() const { return direction != nullptr; }
  // Returns an image's planes in a block behind the first.
  NormPlane<T> norm(size_t block, int64_t image) const;
};

}  // namespace mkdt::native
