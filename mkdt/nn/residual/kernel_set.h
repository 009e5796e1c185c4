// The kernels of one instruction set. One translation unit for each includes this.
#pragma once

#include "mkdt/nn/residual/plane_kernels.h"
#include "mkdt/nn/residual/product_kernels.h"

namespace mkdt::residual::MKDT_ISA_NAMESPACE {

template <typename V>
constexpr Kernels<V> kernel_set() {
  return {pack<V>,   round<V>,         multiply<V>, correlate<V>, join<V>,
          settle<V>, norm_gradient<V>, masked<V>,   add_up<V>};
}

}  // namespace mkdt::residual::MKDT_ISA_NAMESPACE
