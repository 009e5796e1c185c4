#include "mkdt/nn/native/pass_flops.h"

namespace mkdt::native {
namespace {

// Takes 2 operations for every pair of channels of a block.
double channel_pairs(const ConvNetPlan& plan, const BlockPlan& block) {
  return 2.0 * static_cast<double>(block.inputs * plan.width);
}

double direct(const ConvNetPlan& plan, const BlockPlan& block) {
  return channel_pairs(plan, block) * 9 * static_cast<double>(block.pixels());
}

double winograd(const ConvNetPlan& plan, const BlockPlan& block) {
  return channel_pairs(plan, block) * static_cast<double>(kFrequencies * block.tile_count);
}

PassFlops pass_flops(const ConvNetPlan& plan,
                     double (*behind_first)(const ConvNetPlan&, const BlockPlan&)) {
  PassFlops flops;
  flops.first = direct(plan, plan.blocks[0]);
  for (size_t i = 1; i < plan.blocks.size(); ++i) {
    flops.others += behind_first(plan, plan.blocks[i]);
  }
  flops.head = 2.0 * static_cast<double>(plan.features * plan.outputs);
  return flops;
}

}  // namespace

PassFlops direct_flops(const ConvNetPlan& plan) { return pass_flops(plan, direct); }
PassFlops winograd_flops(const ConvNetPlan& plan) { return pass_flops(plan, winograd); }

}  // namespace mkdt::native
