// VGG11, AlexNet, MobileNetV2 and ViT-Tiny against stock layers, one after another.
#include <gtest/gtest.h>
#include <torch/nn/module.h>
#include <torch/utils.h>

#include "mkdt/nn/backbones/vision_transformer.h"
#include "mkdt/nn/layered_network.h"
#include "tests/nn/architectures/named_parameters.h"
#include "tests/nn/ops/derivatives.h"

namespace mkdt {
namespace {

using testing::NamedParameters;
using testing::random_images;
using testing::random_theta;
using testing::relative_error;

// `layers` gives the features.
template <typename Layers>
void expect_layers(const LayeredNetwork& network, const std::string& head, const Layers& layers) {
  const torch::Tensor theta = random_theta(network), images = random_images(network, 2);
  const NamedParameters p(network, theta);
  const torch::Tensor features = layers(p, images);
  ASSERT_EQ(network.feature_dim(), features.size(1));
  const torch::Tensor outputs = p.linear(features, head);
  for (const Operators operators : {Operators::kStock, Operators::kFused}) {
    const auto variant = network.with_operators(operators);
    EXPECT_LE(relative_error(variant->features(theta, images), features), 1e-10);
    EXPECT_LE(relative_error(variant->outputs(theta, images), outputs), 1e-10);
  }
}

// An 'm' is a max-pool.
torch::Tensor vgg(const NamedParameters& p, const torch::Tensor& images, const std::string& text) {
  torch::Tensor x = images;
  int index = 0;
  for (const char letter : text) {
    if (letter == 'm') {
      x = torch::max_pool2d(x, 2);
      index += 1;
    } else if (letter == '-') {  // left out, but numbered
      index += 1;
    } else {
      const std::string one = "features." + std::to_string(index);
      x = p.unit(x, one, "features." + std::to_string(index + 1), 1).relu();
      index += 3;
    }
  }
  return x.flatten(2).mean(2);
}

TEST(Vgg11, IsWhatTheDescriptionOfItsLayersSays) {
  for (const int64_t size : {16, 28, 32, 40}) {
    SCOPED_TRACE(size);
    const LayeredNetwork network({"vgg11", 3, size, 2, 5});
    EXPECT_EQ(network.layout().parameters()[28].shape, (std::vector<int64_t>{16, 16, 3, 3}));
    expect_layers(network, "classifier", [&](const NamedParameters& p, const torch::Tensor& x) {
      return vgg(p, x, size < 32 ? "cmcmccmcc-ccm" : "cmcmccmccmccm");
    });
  }
}

TEST(AlexNet, IsWhatTheDescriptionOfItsLayersSays) {
  for (const int64_t size : {28, 32, 50, 96, 101}) {
    SCOPED_TRACE(size);
    const bool large = size >= 96;
    const LayeredNetwork network({"alexnet", 2, size, 4, 5});
    const auto layers = [&](const NamedParameters& p, const torch::Tensor& images) {
      torch::Tensor x = images;
      const auto layer = [&](const std::string& name, int64_t stride, int64_t padding) {
        x = torch::conv2d(x, p.at(name + ".weight"), p.at(name + ".bias"), stride, padding).relu();
      };
      const auto pool = [&] { x = torch::max_pool2d(x, large ? 3 : 2, 2); };
      layer("features.0", large ? 4 : 1, 2);
      pool();
      layer("features.3", 1, 2);
      pool();
      layer("features.6", 1, 1);
      layer("features.8", 1, 1);
      layer("features.10", 1, 1);
      pool();
      if (large) return x.flatten(2).mean(2);
      return (size > 32 ? torch::adaptive_avg_pool2d(x, {4, 4}) : x).flatten(1);
    };
    expect_layers(network, "classifier", layers);
  }
}

// torchvision's table: expansion, channels in eighths of the width's four, blocks, stride.
TEST(MobileNetV2, IsWhatTheDescriptionOfItsLayersSays) {
  const int table[7][4] = {{1, 2, 1, 1},  {6, 3, 2, 2},  {6, 4, 3, 2}, {6, 8, 4, 2},
                           {6, 12, 3, 1}, {6, 20, 3, 2}, {6, 40, 1, 1}};
  for (const int64_t size : {17, 32, 96}) {
    SCOPED_TRACE(size);
    const LayeredNetwork network({"mobilenet-v2", 3, size, 4, 5});
    const auto layers = [&](const NamedParameters& p, const torch::Tensor& images) {
      const auto relu6 = [](const torch::Tensor& x) { return x.clamp(0, 6); };
      torch::Tensor x = relu6(p.unit(images, "features.0.0", "features.0.1", size == 96 ? 2 : 1));
      int index = 1;
      for (int row = 0; row < 7; ++row) {
        const auto& [expansion, channels, blocks, first_stride] = table[row];
        for (int i = 0; i < blocks; ++i) {
          const std::string name = "features." + std::to_string(index++) + ".conv.";
          const bool small_second = row == 1 && size < 96;
          const int64_t stride = i == 0 && !small_second ? first_stride : 1;
          torch::Tensor y = x;
          int at = 0;
          if (expansion != 1) {
            y = relu6(p.unit(y, name + "0.0", name + "0.1", 1));
            at = 1;
          }
          const std::string depthwise = name + std::to_string(at) + ".";
          EXPECT_EQ(y.size(1), expansion * x.size(1));
          y = relu6(p.unit(y, depthwise + "0", depthwise + "1", stride, y.size(1)));
          y = p.unit(y, name + std::to_string(at + 1), name + std::to_string(at + 2), 1);
          EXPECT_EQ(y.size(1), channels);
          x = i > 0 ? x + y : y;
        }
      }
      return relu6(p.unit(x, "features.18.0", "features.18.1", 1)).flatten(2).mean(2);
    };
    expect_layers(network, "classifier.1", layers);
  }
}

// The teacher's modules and the flat network are the same function of the same parameters.
TEST(VitTiny, IsTheTeachersVisionTransformer) {
  VisionTransformerShape shape;
  shape.image_size = 24;
  shape.patch = 6;
  shape.width = 12;
  at::Generator generator = make_generator(5, "test");
  VisionTransformer teacher(shape, generator);
  const LayeredNetwork network({"vit-tiny", 3, 24, 12, 5, 6});
  torch::Tensor theta = random_theta(network).to(torch::kFloat32);
  {
    const torch::NoGradGuard no_grad;
    const NamedParameters p(network, theta);
    EXPECT_EQ(teacher.named_parameters().size() + 2, network.layout().parameters().size());
    for (auto& entry : teacher.named_parameters()) entry.value().copy_(p.at(entry.key()));
  }
  const torch::Tensor images = random_images(network, 3).to(torch::kFloat32);
  const torch::Tensor expected = teacher.features(images).detach();
  for (const Operators operators : {Operators::kStock, Operators::kFused}) {
    const auto variant = network.with_operators(operators);
    EXPECT_LE(relative_error(variant->features(theta, images), expected), 1e-5);
  }
}

TEST(VitTiny, InitialisesAsTimmDoes) {
  const LayeredNetwork network({"vit-tiny", 3, 32, 48, 10});
  at::Generator generator = make_generator(7, "test");
  const NamedParameters p(network, network.initialise(generator));
  const auto expect_std = [&](const std::string& name, double std) {
    const double count = static_cast<double>(p.at(name).numel());
    EXPECT_NEAR(p.at(name).std().item<double>(), std, 4 * std / std::sqrt(2 * count)) << name;
  };
  expect_std("blocks.3.attn.qkv.weight", 0.02);
  expect_std("blocks.11.mlp.fc2.weight", 0.02);
  expect_std("pos_embed", 0.02);
  expect_std("cls_token", 1e-6);
  EXPECT_EQ(p.at("blocks.3.attn.qkv.bias").abs().max().item<double>(), 0);
  EXPECT_TRUE(p.at("blocks.0.norm1.weight").eq(1).all().item<bool>());
  const double bound = 1 / std::sqrt(48.0);  // a patch of 4·4 pixels of 3 channels has 48 values
  for (const char* const name : {"patch_embed.proj.weight", "head.weight"}) {
    EXPECT_LE(p.at(name).abs().max().item<double>(), bound);
    EXPECT_GE(p.at(name).abs().max().item<double>(), 0.9 * bound);
  }
}

}  // namespace
}  // namespace mkdt
