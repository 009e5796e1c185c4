#include "mkdt/nn/native/isa.h"

#include <cstdlib>
#if defined(MKDT_AMX_KERNELS)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/error.h"

namespace mkdt::native {

const char* isa_name(Isa isa) {
  switch (isa) {
    case Isa::kAmx:
      return "amx";
    case Isa::kAvx512:
      return "avx512";
    case Isa::kAvx2:
      return "avx2";
    default:
      return "portable";
  }
}

namespace {

#if defined(MKDT_AMX_KERNELS)
// Tells whether the processor multiplies tiles of bfloat16 numbers and rounds to them, and asks the
// system, which gives the tiles' registers to those processes only that do.
bool has_amx() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned kFeatures = 7;
  constexpr unsigned kTileBf16 = 1U << 22, kTiles = 1U << 24;  // of edx
  if (__get_cpuid_count(kFeatures, 0, &a, &b, &c, &d) == 0) return false;
  if ((d & kTileBf16) == 0 || (d & kTiles) == 0) return false;
  constexpr unsigned kVectorBf16 = 1U << 5;  // of eax
  if (__get_cpuid_count(kFeatures, 1, &a, &b, &c, &d) == 0 || (a & kVectorBf16) == 0) return false;
  constexpr int kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}
#else
[[maybe_unused]] bool has_amx() { return false; }
#endif

}  // namespace

std::vector<Isa> available_isas() {
  std::vector<Isa> isas = {Isa::kPortable};
#if defined(MKDT_X86_KERNELS)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) isas.push_back(Isa::kAvx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")) {
    isas.push_back(Isa::kAvx512);
    if (has_amx()) isas.push_back(Isa::kAmx);
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
