#include "mkdt/nn/residual/kernel_set.h"

namespace mkdt::residual {

extern const Kernels<Bf16> kPortableBf16;
extern const Kernels<float> kPortableFloat;
extern const Kernels<double> kPortableDouble;
const Kernels<Bf16> kPortableBf16 = portable::kernel_set<Bf16>();
const Kernels<float> kPortableFloat = portable::kernel_set<float>();
const Kernels<double> kPortableDouble = portable::kernel_set<double>();

}  // namespace mkdt::residual
