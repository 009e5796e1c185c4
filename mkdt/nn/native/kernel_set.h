// The kernels of one instruction set. One translation unit for each includes this.
#pragma once

#include "mkdt/nn/native/covariance_kernel.h"
#include "mkdt/nn/native/kernels.h"
#include "mkdt/nn/native/matrix_kernel.h"
#include "mkdt/nn/native/norm_kernel.h"
#include "mkdt/nn/native/pool_kernel.h"
#include "mkdt/nn/native/winograd_kernel.h"

namespace mkdt::native::MKDT_ISA_NAMESPACE {

template <typename T>
constexpr Kernels<T> kernel_set(Isa isa) {
  return {isa,
          multiply<T>,
          centre<T>,
          covariance<T>,
          input_transform<T>,
          input_adjoint<T>,
          output_transform<T>,
          output_adjoint<T>,
          filter_transform<T>,
          filter_adjoint<T>,
          norm_forward<T>,
          norm_backward<T>,
          norm_tangent<T>,
          norm_tangent_backward<T>,
          relu_pool<T>,
          masked_pool<T>,
          masked_pool_adjoint<T>};
}

}  // namespace mkdt::native::MKDT_ISA_NAMESPACE
