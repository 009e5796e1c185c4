#include "mkdt/nn/native/convnet_plan.h"

namespace mkdt::native {

ConvNetPlan::ConvNetPlan(const ConvNet& network) {
  const ConvNetShape& shape = network.shape();
  channels = shape.channels;
  image_size = shape.image_size;
  width = shape.width;
  width_pad = padded(width);
  column_depth = channels * 9;
  column_pad = padded(column_depth);

  int64_t offset = 0;
  const auto take = [&offset](int64_t count) {
    const int64_t begin = offset;
    offset += count;
    return begin;
  };
  int64_t inputs = channels, size = image_size;
  for (int64_t i = 0; i < shape.depth; ++i) {
    BlockPlan block{};
    block.inputs = inputs;
    block.size = size;
    block.pooled = size / 2;
    block.tile_count = tiles_across(size) * tiles_across(size);
    block.weight = take(width * inputs * 9);
    take(width);  // the convolution's bias, which the norm takes away again
    block.gamma = take(width);
    block.beta = take(width);
    blocks.push_back(block);
    inputs = width;
    size = block.pooled;
  }
  features = network.feature_dim();
  feature_pad = padded(features);
  outputs = shape.outputs;
  output_pad = padded(outputs);
  head_weight = take(outputs * features);
  head_bias = take(outputs);
  TORCH_CHECK(offset == network.layout().size(), "the native plan and the network disagree");
}

}  // namespace mkdt::native
