#include "mkdt/nn/backbones/backbone.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/nn/convnet.h"

namespace mkdt {
namespace {

torch::Tensor random_images(int64_t count, int64_t size) {
  at::Generator generator = make_generator(7, "test/images");
  return at::randn({count, 3, size, size}, generator, torch::TensorOptions(torch::kFloat32));
}

TEST(Backbone, EveryArchitectureGivesItsFeatures) {
  at::Generator generator = make_generator(1, "test/backbone");
  for (const std::string& name : backbone_architectures()) {
    for (const int64_t size : {16, 32}) {
      const auto backbone = make_backbone({name, size, 12, 0}, generator);
      EXPECT_EQ(backbone->image_size(), size);
      const torch::Tensor features = backbone->features(random_images(4, size));
      EXPECT_EQ(features.sizes(), at::IntArrayRef({4, backbone->feature_dim()})) << name;
      features.square().sum().backward();
      for (const auto& item : backbone->named_parameters()) {
        EXPECT_TRUE(item.value().grad().defined()) << name << " " << item.key();
      }
      EXPECT_EQ(backbone->features(random_images(4, size).to(torch::kBFloat16)).scalar_type(),
                torch::kFloat32)
          << name;
    }
  }
}

TEST(Backbone, WidthsAndPatchesHaveDefaults) {
  EXPECT_EQ(describe({"resnet18", 32, 0, 0}), "resnet18 width 64, 32 pixels");
  EXPECT_EQ(describe({"vit-tiny", 32, 0, 0}), "vit-tiny width 192, patch 4, 32 pixels");
  EXPECT_EQ(describe({"vit-small", 96, 0, 16}), "vit-small width 384, patch 16, 96 pixels");
  EXPECT_EQ(describe({"vit-tiny", 224, 0, 0}), "vit-tiny width 192, patch 16, 224 pixels");
  EXPECT_EQ(describe({"vit-tiny", 28, 0, 0}), "vit-tiny width 192, patch 2, 28 pixels");
  EXPECT_EQ(describe({"convnet", 16, 0, 0}), "convnet width 128, 16 pixels");
  EXPECT_EQ(resolved({"resnet50", 32, 0, 4}).patch, 0);
}

TEST(Backbone, RoundTripsThroughMetadata) {
  for (const BackboneShape& shape :
       {BackboneShape{"resnet34", 48, 20, 0}, {"vit-tiny", 32, 0, 8}}) {
    const BackboneShape read = backbone_shape(backbone_metadata(shape), "file");
    EXPECT_EQ(describe(read), describe(shape));
  }
}

TEST(Backbone, NamesWhatIsWrongWithMetadata) {
  const auto message = [](const std::string& key, const std::string& value) -> std::string {
    auto metadata = backbone_metadata({"resnet18", 32, 8, 0});
    metadata[key] = value;
    try {
      backbone_shape(metadata, "some/file");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message("width", "8"), "");
  EXPECT_EQ(message("width", "-3"), "some/file: not a teacher: width is '-3', expected 1 to 4096");
  EXPECT_EQ(message("image_size", "x"),
            "some/file: not a teacher: image_size is 'x', expected 8 to 4096");
  EXPECT_EQ(message("architecture", "lenet").rfind("some/file: architecture 'lenet' is not", 0),
            0U);
}

TEST(ConvNetBackbone, IsTheStudentsConvNetWithoutItsHead) {
  at::Generator generator = make_generator(1, "test/backbone");
  const auto backbone = make_backbone({"convnet", 32, 8, 0}, generator);
  ConvNetShape shape;
  shape.width = 8;
  shape.outputs = 1;
  const ConvNet net(shape);
  at::Generator again = make_generator(1, "test/backbone");
  const torch::Tensor theta = net.initialise(again);
  const torch::Tensor images = random_images(3, 32);
  EXPECT_TRUE(torch::equal(backbone->features(images), net.features(theta, images)));
  EXPECT_EQ(backbone->feature_dim(), 8 * 16);
  EXPECT_TRUE(backbone->named_parameters().contains("features_0_weight"));
  EXPECT_FALSE(backbone->named_parameters().contains("classifier_weight"));
}

}  // namespace
}  // namespace mkdt
