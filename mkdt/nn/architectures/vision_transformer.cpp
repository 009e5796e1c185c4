// ViT-Tiny, as arXiv 2010.11929, section 3.1, has it, with equations (1) to (4), in the size of
// arXiv 2012.12877, table 1: width 192, 12 blocks, 3 heads. The features are the class token behind
// the last layer norm. The published patch is 16 pixels at 224; `patch` may set another. Layer
// norms have, as published, eps 1e-6. Parameters have timm's names.
#include <fmt/format.h>

#include "mkdt/nn/architectures/architecture.h"
#include "mkdt/nn/transformer_parts.h"

namespace mkdt {
namespace {

constexpr int64_t kHeads = 3;
constexpr int64_t kDepth = 12;

void build(const LayeredShape& shape, LayerList& layers) {
  layers.patch_tokens(shape.patch, shape.width);
  for (int64_t i = 0; i < kDepth; ++i) {
    const std::string name = fmt::format("blocks.{}.", i);
    layers.residual([&](LayerList& list) {
      list.layer_norm(name + "norm1");
      list.linear(name + "attn.qkv", 3 * shape.width);
      list.attention(kHeads);
      list.linear(name + "attn.proj", shape.width);
    });
    layers.residual([&](LayerList& list) {
      list.layer_norm(name + "norm2");
      list.linear(name + "mlp.fc1", kMlpRatio * shape.width);
      list.gelu();
      list.linear(name + "mlp.fc2", shape.width);
    });
  }
  layers.first_token();
  layers.layer_norm("norm");
  layers.head("head", shape.outputs);
}

}  // namespace

Architecture vision_transformer_tiny() {
  Architecture architecture;
  architecture.name = "vit-tiny";
  architecture.width = [](int64_t /*image_size*/) { return 192; };
  architecture.width_unit = [](int64_t /*image_size*/) { return kHeads; };
  architecture.patches = true;
  architecture.build = build;
  return architecture;
}

}  // namespace mkdt
