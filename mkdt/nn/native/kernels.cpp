#include "mkdt/nn/native/kernels.h"

#include <algorithm>
#include <type_traits>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/nn/native/isa.h"

namespace mkdt::native {

// Each is in the translation unit that is compiled for it.
extern const Kernels<float> kPortableFloat, kAvx2Float, kAvx512Float;
extern const Kernels<double> kPortableDouble, kAvx2Double, kAvx512Double;

template <typename T>
const Kernels<T>& kernels(Isa isa) {
  const std::vector<Isa> isas = available_isas();
  if (std::find(isas.begin(), isas.end(), isa) == isas.end()) {
    throw Error(fmt::format("this processor, or this build, has no {} kernels", isa_name(isa)));
  }
  constexpr bool kIsFloat = std::is_same_v<T, float>;
#if defined(MKDT_X86_KERNELS)
  if (isa == Isa::kAvx512 || isa == Isa::kAmx) {
    if constexpr (kIsFloat)
      return kAvx512Float;
    else
      return kAvx512Double;
  }
  if (isa == Isa::kAvx2) {
    if constexpr (kIsFloat)
      return kAvx2Float;
    else
      return kAvx2Double;
  }
#endif
  if constexpr (kIsFloat)
    return kPortableFloat;
  else
    return kPortableDouble;
}

template const Kernels<float>& kernels(Isa);
template const Kernels<double>& kernels(Isa);

}  // namespace mkdt::native
