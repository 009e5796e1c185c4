#include "mkdt/nn/backbones/vision_transformer.h"

#include <cmath>
#include <string>

#include <fmt/format.h>
#include <torch/nn/modules/container/modulelist.h>

#include "mkdt/base/error.h"
#include "mkdt/nn/backbones/mixed_precision.h"
#include "mkdt/nn/transformer_parts.h"

namespace mkdt {
namespace nn = torch::nn;
namespace {

nn::LayerNorm layer_norm(int64_t width) {
  return nn::LayerNorm(nn::LayerNormOptions({width}).eps(kLayerNormEps));
}

// One linear map for every patch, as a convolution whose stride is its kernel; uniform in
// ± 1/√fan-in, the default of libtorch's convolutions.
class PatchProjection : public nn::Module {
 public:
  PatchProjection(int64_t patch, int64_t width, at::Generator& generator) : patch_(patch) {
    const double bound = 1 / std::sqrt(static_cast<double>(3 * patch * patch));
    weight_ = register_parameter(
        "weight", torch::empty({width, 3, patch, patch}).uniform_(-bound, bound, generator));
    bias_ = register_parameter("bias", torch::empty({width}).uniform_(-bound, bound, generator));
  }

  torch::Tensor forward(const torch::Tensor& images) const {
    const auto type = images.scalar_type();
    return at::conv2d(images, weight_.to(type), bias_.to(type), patch_);
  }

 private:
  int64_t patch_;
  torch::Tensor weight_, bias_;
};

// Attends, and maps the heads side by side linearly: equations (5) to (8). x [B,T,D] → [B,T,D] in
// x's type, the softmax in `precise`.
class Attention : public nn::Module {
 public:
  Attention(int64_t width, int64_t heads, at::Generator& generator)
      : heads_(heads),
        qkv_(register_module("qkv", std::make_shared<Linear>(width, 3 * width, generator))),
        proj_(register_module("proj", std::make_shared<Linear>(width, width, generator))) {}

  torch::Tensor forward(const torch::Tensor& x, torch::Dtype precise) const {
    return proj_->forward(attend(qkv_->forward(x), heads_, precise));
  }

 private:
  int64_t heads_;
  std::shared_ptr<Linear> qkv_, proj_;
};

class Mlp : public nn::Module {
 public:
  Mlp(int64_t width, at::Generator& generator)
      : fc1_(register_module("fc1", std::make_shared<Linear>(width, kMlpRatio * width, generator))),
        fc2_(register_module("fc2",
                             std::make_shared<Linear>(kMlpRatio * width, width, generator))) {}

  torch::Tensor forward(const torch::Tensor& x) const {
    return fc2_->forward(at::gelu(fc1_->forward(x)));
  }

 private:
  std::shared_ptr<Linear> fc1_, fc2_;
};

}  // namespace

class PatchEmbedding : public nn::Module {
 public:
  PatchEmbedding(int64_t patch, int64_t width, at::Generator& generator)
      : proj_(register_module("proj", std::make_shared<PatchProjection>(patch, width, generator))) {
  }

  // Maps [B,3,H,W] to tokens [B,patches,width], row by row.
  torch::Tensor forward(const torch::Tensor& images) const {
    return proj_->forward(images).flatten(2).transpose(1, 2);
  }

 private:
  std::shared_ptr<PatchProjection> proj_;
};

class TransformerBlock : public nn::Module {
 public:
  TransformerBlock(int64_t width, int64_t heads, at::Generator& generator)
      : norm1_(register_module("norm1", layer_norm(width))),
        attention_(register_module("attn", std::make_shared<Attention>(width, heads, generator))),
        norm2_(register_module("norm2", layer_norm(width))),
        mlp_(register_module("mlp", std::make_shared<Mlp>(width, generator))) {}

  // Maps x [B,T,width] to the same shape; linear maps work in `type`.
  torch::Tensor forward(const torch::Tensor& x, torch::Dtype type) {
    const torch::Dtype precise = x.scalar_type();
    const torch::Tensor y = x + attention_->forward(norm1_(x).to(type), precise).to(precise);
    return y + mlp_->forward(norm2_(y).to(type)).to(precise);
  }

 private:
  nn::LayerNorm norm1_;
  std::shared_ptr<Attention> attention_;
  nn::LayerNorm norm2_;
  std::shared_ptr<Mlp> mlp_;
};

namespace {

void check(const VisionTransformerShape& shape) {
  for (const int64_t number :
       {shape.image_size, shape.patch, shape.width, shape.depth, shape.heads}) {
    if (number < 1) {
      throw Error(
          fmt::format("vision transformer: image size, patch, width, depth and heads must "
                      "be at least 1, got {}",
                      number));
    }
  }
  if (shape.image_size % shape.patch != 0) {
    throw Error(
        fmt::format("vision transformer: expected an image size that is a multiple of the "
                    "patch (teacher.patch), got {} and {} pixels",
                    shape.image_size, shape.patch));
  }
  if (shape.width % shape.heads != 0) {
    throw Error(
        fmt::format("vision transformer: expected a width (teacher.width) that is a multiple of "
                    "the number of heads, got {} and {}",
                    shape.width, shape.heads));
  }
}

}  // namespace

VisionTransformer::VisionTransformer(const VisionTransformerShape& shape, at::Generator& generator)
    : shape_(shape) {
  check(shape);
  const int64_t side = shape.image_size / shape.patch;
  const int64_t width = shape.width;
  const auto normal = [&](int64_t tokens, double std) {
    return torch::empty({1, tokens, width}).normal_(0, std, generator);
  };
  class_token_ = register_parameter("cls_token", normal(1, 1e-6));
  positions_ = register_parameter("pos_embed", normal(1 + side * side, 0.02));
  patches_ = register_module("patch_embed",
                             std::make_shared<PatchEmbedding>(shape.patch, width, generator));
  nn::ModuleList blocks;
  for (int64_t i = 0; i < shape.depth; ++i) {
    blocks_.push_back(std::make_shared<TransformerBlock>(width, shape.heads, generator));
    blocks->push_back(blocks_.back());
  }
  register_module("blocks", blocks);
  norm_ = register_module("norm", layer_norm(width));
}

torch::Tensor VisionTransformer::features(const torch::Tensor& images) {
  const torch::Tensor patches = patches_->forward(images).to(positions_.scalar_type());
  const torch::Tensor first = class_token_.expand_as(patches.slice(1, 0, 1));
  torch::Tensor x = at::cat({first, patches}, 1) + positions_;
  for (const auto& block : blocks_) x = block->forward(x, images.scalar_type());
  return norm_(x.select(1, 0));
}

}  // namespace mkdt
