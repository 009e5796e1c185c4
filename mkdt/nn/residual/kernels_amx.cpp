#include "mkdt/nn/residual/amx_product_kernels.h"
#include "mkdt/nn/residual/kernel_set.h"

namespace mkdt::residual {
namespace {

constexpr Kernels<Bf16> with_tiles() {
  Kernels<Bf16> set = amx::kernel_set<Bf16>();
  set.pack = amx::pack_tile;
  set.multiply = amx::multiply_tiles;
  set.correlate = amx::correlate_tiles;
  return set;
}

}  // namespace

extern const Kernels<Bf16> kAmxBf16;
const Kernels<Bf16> kAmxBf16 = with_tiles();

}  // namespace mkdt::residual
