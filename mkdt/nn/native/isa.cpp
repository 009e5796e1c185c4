#include "mkdt/nn/native/isa.h"

#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/error.h"

namespace mkdt::native {

const char* isa_name(Isa isa) {
  switch (isa) {
    case Isa::kAvx512:
      return "avx512";
    case Isa::kAvx2:
      return "avx2";
    default:
      return "portable";
  }
}

std::vector<Isa> available_isas() {
  std::vector<Isa> isas = {Isa::kPortable};
#if defined(MKDT_X86_KERNELS)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) isas.push_back(Isa::kAvx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")) {
    isas.push_back(Isa::kAvx512);
  }
#endif
  return isas;
}

namespace {

Isa choose() {
  const std::vector<Isa> isas = available_isas();
  const char* wanted = std::getenv("MKDT_ISA");
  if (wanted == nullptr || *wanted == '\0') return isas.back();
  std::vector<std::string> names;
  for (const Isa isa : isas) {
    if (std::string(wanted) == isa_name(isa)) return isa;
    names.emplace_back(isa_name(isa));
  }
  throw Error(fmt::format("MKDT_ISA is '{}': expected one of {} on this processor", wanted,
                          fmt::join(names, ", ")));
}

}  // namespace

Isa chosen_isa() {
  static const Isa isa = choose();
  return isa;
}

}  // namespace mkdt::native
