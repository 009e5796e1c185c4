#include "mkdt/nn/native/kernel_set.h"

namespace mkdt::native {

extern const Kernels<float> kAvx2Float;
extern const Kernels<double> kAvx2Double;
const Kernels<float> kAvx2Float = avx2::kernel_set<float>(Isa::kAvx2);
const Kernels<double> kAvx2Double = avx2::kernel_set<double>(Isa::kAvx2);

}  // namespace mkdt::native
