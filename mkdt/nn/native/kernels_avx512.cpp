#include "mkdt/nn/native/kernel_set.h"

namespace mkdt::native {

extern const Kernels<float> kAvx512Float;
extern const Kernels<double> kAvx512Double;
const Kernels<float> kAvx512Float = avx512::kernel_set<float>(Isa::kAvx512);
const Kernels<double> kAvx512Double = avx512::kernel_set<double>(Isa::kAvx512);

}  // namespace mkdt::native
