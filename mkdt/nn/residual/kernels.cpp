#include "mkdt/nn/residual/kernels.h"

#include <algorithm>
#include <type_traits>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/nn/native/isa.h"

namespace mkdt::residual {

// Each is in the translation unit that is compiled for it.
extern const Kernels<Bf16> kPortableBf16, kAmxBf16;
extern const Kernels<float> kPortableFloat;
extern const Kernels<double> kPortableDouble;

template <typename V>
const Kernels<V>& kernels(Isa isa) {
  const std::vector<Isa> isas = native::available_isas();
  if (std::find(isas.begin(), isas.end(), isa) == isas.end()) {
    throw Error(fmt::format("this processor, or this build, has no {} kernels", isa_name(isa)));
  }
  if constexpr (std::is_same_v<V, Bf16>) {
#if defined(MKDT_AMX_KERNELS)
    if (isa == Isa::kAmx) return kAmxBf16;
#endif
    return kPortableBf16;
  } else if constexpr (std::is_same_v<V, float>) {
    return kPortableFloat;
  } else {
    return kPortableDouble;
  }
}

template const Kernels<Bf16>& kernels(Isa);
template const Kernels<float>& kernels(Isa);
template const Kernels<double>& kernels(Isa);

}  // namespace mkdt::residual
