#include "mkdt/nn/backbones/vision_transformer.h"

#include <cmath>

#include <gtest/gtest.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/nn/backbones/backbone.h"

namespace mkdt {
namespace {

using State = std::map<std::string, torch::Tensor>;

const VisionTransformerShape kSmall{12, 4, 12, 2, 3};

std::shared_ptr<VisionTransformer> make_transformer(const VisionTransformerShape& shape,
                                                    uint64_t seed = 1) {
  at::Generator generator = make_generator(seed, "test/transformer");
  return std::make_shared<VisionTransformer>(shape, generator);
}

// Every parameter random and of a size that matters, in float64.
std::shared_ptr<VisionTransformer> make_lively(const VisionTransformerShape& shape) {
  const auto net = make_transformer(shape);
  const torch::NoGradGuard no_grad;
  at::Generator generator = make_generator(2, "test/parameters");
  for (torch::Tensor& parameter : net->parameters()) parameter.normal_(0, 0.5, generator);
  net->to(torch::kFloat64);
  return net;
}

torch::Tensor random_images(int64_t count, int64_t size) {
  at::Generator generator = make_generator(7, "test/images");
  return at::randn({count, 3, size, size}, generator, torch::TensorOptions(torch::kFloat64));
}

int64_t parameter_count(const VisionTransformer& net) {
  int64_t count = 0;
  for (const torch::Tensor& parameter : net.parameters()) count += parameter.numel();
  return count;
}

// The definition for one image, token by token and head by head.
class Oracle {
 public:
  Oracle(State state, const VisionTransformerShape& shape)
      : state_(std::move(state)), shape_(shape) {}

  torch::Tensor features(const torch::Tensor& image) const {  // [3,H,W] → [width]
    const torch::Tensor positions = state_.at("pos_embed")[0];
    torch::Tensor x = torch::zeros_like(positions);  // [T,width]
    x[0] = state_.at("cls_token")[0][0] + positions[0];
    const int64_t p = shape_.patch;
    const int64_t side = shape_.image_size / p;
    for (int64_t i = 0; i < side * side; ++i) {
      const torch::Tensor patch = image.narrow(1, i / side * p, p).narrow(2, i % side * p, p);
      x[i + 1] = linear("patch_embed.proj", patch.flatten()) + positions[i + 1];
    }
    for (int64_t i = 0; i < shape_.depth; ++i) {
      const std::string block = "blocks." + std::to_string(i) + ".";
      x = x + attention(block + "attn.", norm(block + "norm1", x));
      x = x + mlp(block + "mlp.", norm(block + "norm2", x));
    }
    return norm("norm", x)[0];
  }

 private:
  torch::Tensor linear(const std::string& name, const torch::Tensor& x) const {
    const torch::Tensor weight = state_.at(name + ".weight").flatten(1);
    return torch::matmul(x, weight.t()) + state_.at(name + ".bias");
  }

  torch::Tensor norm(const std::string& name, const torch::Tensor& x) const {
    const torch::Tensor centred = x - x.mean(1, true);
    return centred / (centred.square().mean(1, true) + 1e-6).sqrt() * state_.at(name + ".weight") +
           state_.at(name + ".bias");
  }

  torch::Tensor attention(const std::string& name, const torch::Tensor& x) const {
    const torch::Tensor qkv = linear(name + "qkv", x);
    const int64_t dim = shape_.width / shape_.heads;
    torch::Tensor heads = torch::zeros_like(x);
    for (int64_t head = 0; head < shape_.heads; ++head) {
      const torch::Tensor q = qkv.narrow(1, head * dim, dim);
      const torch::Tensor k = qkv.narrow(1, shape_.width + head * dim, dim);
      const torch::Tensor v = qkv.narrow(1, 2 * shape_.width + head * dim, dim);
      for (int64_t t = 0; t < x.size(0); ++t) {
        const torch::Tensor likeness = (torch::mv(k, q[t]) / std::sqrt(double(dim))).exp();
        heads[t].narrow(0, head * dim, dim) = torch::mv(v.t(), likeness / likeness.sum());
      }
    }
    return linear(name + "proj", heads);
  }

  torch::Tensor mlp(const std::string& name, const torch::Tensor& x) const {
    const torch::Tensor h = linear(name + "fc1", x);
    return linear(name + "fc2", h * 0.5 * (1 + torch::erf(h / std::sqrt(2.0))));
  }

  State state_;
  VisionTransformerShape shape_;
};

TEST(VisionTransformer, HasThePublishedSizes) {
  EXPECT_EQ(parameter_count(*make_transformer({224, 16, 192, 12, 3})), 5'524'416);
  EXPECT_EQ(parameter_count(*make_transformer({224, 16, 384, 12, 6})), 21'665'664);
}

TEST(VisionTransformer, NamesAreTimms) {
  const State state = module_state(*make_transformer(kSmall));
  std::vector<std::string> expected = {
      "cls_token",   "pos_embed", "patch_embed.proj.weight", "patch_embed.proj.bias",
      "norm.weight", "norm.bias"};
  for (const std::string block : {"blocks.0.", "blocks.1."}) {
    for (const char* layer : {"norm1", "attn.qkv", "attn.proj", "norm2", "mlp.fc1", "mlp.fc2"}) {
      expected.push_back(block + layer + ".weight");
      expected.push_back(block + layer + ".bias");
    }
  }
  for (const std::string& name : expected) EXPECT_EQ(state.count(name), 1U) << name;
  EXPECT_EQ(state.size(), expected.size());
  EXPECT_EQ(state.at("pos_embed").sizes(), at::IntArrayRef({1, 10, 12}));
  EXPECT_EQ(state.at("patch_embed.proj.weight").sizes(), at::IntArrayRef({12, 3, 4, 4}));
  EXPECT_EQ(state.at("blocks.0.attn.qkv.weight").sizes(), at::IntArrayRef({36, 12}));
}

TEST(VisionTransformer, ComputesWhatTheDefinitionSays) {
  const auto net = make_lively(kSmall);
  const torch::NoGradGuard no_grad;
  const Oracle oracle(module_state(*net), kSmall);
  const torch::Tensor images = random_images(3, 12);
  const torch::Tensor features = net->features(images);
  ASSERT_EQ(features.sizes(), at::IntArrayRef({3, net->feature_dim()}));
  for (int64_t i = 0; i < 3; ++i) {
    const torch::Tensor expected = oracle.features(images[i]);
    EXPECT_TRUE(torch::allclose(features[i], expected, 1e-9, 1e-11))
        << (features[i] - expected).abs().max();
  }
}

TEST(VisionTransformer, SeesASetOfPatchesWithPositions) {
  const auto net = make_lively(kSmall);
  const torch::NoGradGuard no_grad;
  const torch::Tensor images = random_images(2, 12);
  const torch::Tensor before = net->features(images);
  // Places 0 … 8 get the patches and the positions of `from`.
  const std::vector<int64_t> from = {4, 0, 8, 1, 7, 2, 6, 5, 3};
  const auto patch = [](const torch::Tensor& of, int64_t i) {
    return of.narrow(2, i / 3 * 4, 4).narrow(3, i % 3 * 4, 4);
  };
  torch::Tensor moved = images.clone();
  torch::Tensor positions = net->named_parameters()["pos_embed"];
  const torch::Tensor old = positions.clone();
  for (int64_t i = 0; i < 9; ++i) patch(moved, i).copy_(patch(images, from[i]));
  EXPECT_FALSE(torch::allclose(net->features(moved), before, 1e-3, 1e-3));
  for (int64_t i = 0; i < 9; ++i) positions[0][i + 1] = old[0][from[i] + 1];
  EXPECT_TRUE(torch::allclose(net->features(moved), before, 1e-9, 1e-11));
}

TEST(VisionTransformer, StartsAsTimmStarts) {
  const State state = module_state(*make_transformer({32, 4, 192, 1, 3}));
  const auto std = [&](const char* name) { return state.at(name).std().item<double>(); };
  for (const char* name : {"blocks.0.attn.qkv.weight", "blocks.0.attn.proj.weight",
                           "blocks.0.mlp.fc1.weight", "blocks.0.mlp.fc2.weight", "pos_embed"}) {
    EXPECT_NEAR(std(name), 0.02, 5e-4) << name;
    EXPECT_NEAR(state.at(name).mean().item<double>(), 0, 1e-3) << name;
  }
  EXPECT_NEAR(std("cls_token"), 1e-6, 2e-7);
  const double bound = 1 / std::sqrt(48.0);
  for (const char* name : {"patch_embed.proj.weight", "patch_embed.proj.bias"}) {
    EXPECT_LE(state.at(name).abs().max().item<double>(), bound) << name;
    EXPECT_GT(state.at(name).abs().max().item<double>(), 0.97 * bound) << name;
  }
  EXPECT_EQ(state.at("blocks.0.attn.qkv.bias").abs().max().item<double>(), 0);
  EXPECT_TRUE((state.at("norm.weight") == 1).all().item<bool>());
}

TEST(VisionTransformer, SameSeedSameParameters) {
  const State a = module_state(*make_transformer(kSmall, 5));
  const State b = module_state(*make_transformer(kSmall, 5));
  const State c = module_state(*make_transformer(kSmall, 6));
  for (const auto& [name, tensor] : a) EXPECT_TRUE(torch::equal(tensor, b.at(name))) << name;
  EXPECT_FALSE(torch::equal(a.at("cls_token"), c.at("cls_token")));
}

TEST(VisionTransformer, GradientsReachEveryParameter) {
  const auto net = make_lively(kSmall);
  net->features(random_images(2, 12)).square().sum().backward();
  for (const auto& item : net->named_parameters()) {
    ASSERT_TRUE(item.value().grad().defined()) << item.key();
    EXPECT_GT(item.value().grad().abs().max().item<double>(), 0) << item.key();
  }
}

TEST(VisionTransformer, BfloatImagesGiveFloatFeaturesAndGradients) {
  const auto net = make_transformer({16, 4, 24, 3, 3});
  const torch::Tensor images = random_images(8, 16).to(torch::kFloat32);
  const torch::Tensor exact = net->features(images);
  const torch::Tensor rough = net->features(images.to(torch::kBFloat16));
  EXPECT_EQ(rough.scalar_type(), torch::kFloat32);
  const double error = (rough - exact).norm().item<double>() / exact.norm().item<double>();
  EXPECT_LT(error, 0.05);
  EXPECT_GT(error, 1e-5);  // bfloat16 it was
  rough.square().sum().backward();
  for (const torch::Tensor& parameter : net->parameters()) {
    EXPECT_EQ(parameter.grad().scalar_type(), torch::kFloat32);
  }
}

// What the constructor says; empty if it throws nothing.
std::string complaint(const VisionTransformerShape& shape) {
  try {
    make_transformer(shape);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(VisionTransformer, RefusesShapesThatDoNotDivide) {
  EXPECT_EQ(complaint({30, 4, 12, 1, 3}),
            "vision transformer: expected an image size that is a multiple of the patch "
            "(teacher.patch), got 30 "
            "and 4 pixels");
  EXPECT_EQ(complaint({32, 4, 16, 1, 3}),
            "vision transformer: expected a width (teacher.width) that is a multiple of the number "
            "of heads, got "
            "16 and 3");
  EXPECT_EQ(complaint({32, 0, 16, 1, 1}),
            "vision transformer: image size, patch, width, depth and heads must be at least 1, got "
            "0");
}

}  // namespace
}  // namespace mkdt
