// The vision transformer as a teacher.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <ATen/Generator.h>
#include <torch/nn/modules/normalization.h>

#include "mkdt/nn/backbones/backbone.h"

namespace mkdt {

class PatchEmbedding;
class TransformerBlock;

// The defaults are ViT-Tiny for small images; ViT-Small has width 384 and 6 heads (arXiv
// 2012.12877, table 1, and DeiT's code).
struct VisionTransformerShape {
  int64_t image_size = 32;  // H = W; a multiple of patch
  int64_t patch = 4;        // pixels of a patch's side
  int64_t width = 192;      // of a token; a multiple of heads
  int64_t depth = 12;       // blocks
  int64_t heads = 3;
};

// Follows arXiv 2010.11929, section 3.1, with equations (1) to (4): patches of three channels
// become tokens by a linear map; a learned class token is put before them and learned positions are
// added; in every block x += attention(norm(x)), x += mlp(norm(x)), with a GELU between the MLP's
// two layers, the hidden one 4 times as wide. Projections have biases; layer norms add 1e-6 to the
// variance. There is no dropout. Parameters have timm's names.
class VisionTransformer final : public Backbone {
 public:
  // Initialises as timm does, from `generator`: linear layers as in mixed_precision.h, positions
  // normal with deviation 0.02, the class token with 1e-6, weights and biases of the patches' map
  // uniform in ± 1/√fan-in. Throws Error for an image size that is no multiple of the patch, a
  // width that is none of the heads, and numbers below 1.
  VisionTransformer(const VisionTransformerShape& shape, at::Generator& generator);

  const VisionTransformerShape& shape() const { return shape_; }
  int64_t image_size() const override { return shape_.image_size; }
  int64_t feature_dim() const override { return shape_.width; }
  // Maps [B,3,H,W] to the class token after the last norm, [B,width], in the parameters' type.
  // Linear maps, the products in attention and the GELU compute in the images' type, the sums along
  // the blocks, norms and softmax in the parameters': bfloat16 images give mixed precision.
  torch::Tensor features(const torch::Tensor& images) override;

 private:
  VisionTransformerShape shape_;
  std::shared_ptr<PatchEmbedding> patches_;
  torch::Tensor class_token_;  // [1,1,width]
  torch::Tensor positions_;    // [1,1 + patches,width]
  std::vector<std::shared_ptr<TransformerBlock>> blocks_;
  torch::nn::LayerNorm norm_{nullptr};
};

}  // namespace mkdt
