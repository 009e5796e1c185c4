#include "mkdt/nn/residual/network_plan.h"

#include "mkdt/nn/residual/kernels.h"

namespace mkdt::residual {
namespace {

constexpr int64_t kColours = 3;

}  // namespace

NetworkPlan::NetworkPlan(const NetworkShape& shape) {
  const auto add = [&](const Geometry& geometry, int64_t in, int64_t out) {
    layers.push_back({geometry, in, out, padded(in), padded(out)});
    return layers.size() - 1;
  };
  int64_t size = shape.image_size, in = shape.width;
  add({size, size, 3, 1}, kColours, in);
  for (int64_t stage = 0; stage < 4; ++stage) {
    const int64_t out = shape.width << stage;
    for (int64_t i = 0; i < shape.blocks[static_cast<size_t>(stage)]; ++i) {
      const int64_t stride = stage > 0 && i == 0 ? 2 : 1;
      Block block{};
      block.first = add({size, size, 3, stride}, in, out);
      const Geometry first = layers.back().geometry;
      block.second = add(first.outputs(), out, out);
      if (stride > 1) block.shortcut = add({size, size, 1, stride}, in, out);
      blocks.push_back(block);
      size = first.out_height();
      in = out;
    }
  }
}

}  // namespace mkdt::residual
