#include "mkdt/nn/native/kernel_set.h"

namespace mkdt::native {

extern const Kernels<float> kPortableFloat;
extern const Kernels<double> kPortableDouble;
const Kernels<float> kPortableFloat = portable::kernel_set<float>(Isa::kPortable);
const Kernels<double> kPortableDouble = portable::kernel_set<double>(Isa::kPortable);

}  // namespace mkdt::native
