#include "mkdt/nn/network_spec.h"

#include <gtest/gtest.h>

#include "mkdt/base/error.h"

namespace mkdt {
namespace {

std::string title_of(const std::string& spec, int64_t image_size) {
  return network_title(*make_network_from_spec(spec, 3, image_size, 7));
}

std::string message_for(const std::string& spec, int64_t image_size = 32) {
  try {
    make_network_from_spec(spec, 3, image_size, 7);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(NetworkSpec, HasThePublishedDefaults) {
  EXPECT_EQ(title_of("convnet", 28), "convnet 128×3");
  EXPECT_EQ(title_of("convnet", 32), "convnet 128×3");
  EXPECT_EQ(title_of("convnet", 64), "convnet 128×4");
  EXPECT_EQ(title_of("convnet", 96), "convnet 128×5");
  const std::map<std::string, std::string> widths = {
      {"resnet10", "64"}, {"resnet18", "64"}, {"vgg11", "64"}, {"mobilenet-v2", "32"}};
  for (const auto& [name, width] : widths) {
    EXPECT_EQ(make_network_from_spec(name, 3, 32, 7)->describe().at("width"), width);
    EXPECT_EQ(title_of(name, 32), name);
  }
  EXPECT_EQ(make_network_from_spec("alexnet", 3, 32, 7)->describe().at("width"), "128");
  EXPECT_EQ(make_network_from_spec("alexnet", 3, 96, 7)->describe().at("width"), "64");
  EXPECT_EQ(title_of("vit-tiny", 32), "vit-tiny patch 4");
  EXPECT_EQ(title_of("vit-tiny", 28), "vit-tiny patch 2");
  EXPECT_EQ(title_of("vit-tiny", 224), "vit-tiny patch 16");
}

TEST(NetworkSpec, TakesItsSettingsFromTheText) {
  const NetworkPtr network = make_network_from_spec(
      "  convnet width=64  depth=2 norm=group activation=leaky-relu pooling=max", 1, 28, 9);
  EXPECT_EQ(network->describe(), (std::map<std::string, std::string>{{"architecture", "convnet"},
                                                                     {"channels", "1"},
                                                                     {"image_size", "28"},
                                                                     {"width", "64"},
                                                                     {"depth", "2"},
                                                                     {"norm", "group"},
                                                                     {"activation", "leaky-relu"},
                                                                     {"pooling", "max"},
                                                                     {"outputs", "9"}}));
  EXPECT_EQ(network_title(*network), "convnet 64×2 group norm, leaky-relu, max pooling");
  EXPECT_EQ(title_of("convnet norm=none pooling=none width=2", 16),
            "convnet 2×3 no norm, no pooling");
  EXPECT_EQ(title_of("resnet10 width=16", 32), "resnet10 width 16");
  EXPECT_EQ(title_of("vgg11 width=64", 32), "vgg11");
  EXPECT_EQ(title_of("vit-tiny patch=8 width=48", 32), "vit-tiny width 48 patch 8");
}

TEST(NetworkSpec, SaysWhatIsWrong) {
  EXPECT_EQ(message_for("lenet width=3"),
            "network 'lenet width=3': expected an architecture (convnet, resnet10, resnet18, "
            "vgg11, alexnet, mobilenet-v2, vit-tiny) first, got 'lenet'");
  EXPECT_NE(message_for("").find("first, got ''"), std::string::npos);
  EXPECT_EQ(message_for("resnet10 depth=3"),
            "network 'resnet10 depth=3': expected settings such as width=… (resnet10 has width), "
            "got 'depth=3'");
  for (const char* const word : {"width", "width=", "=3", "channels=1"}) {
    const std::string message = message_for(std::string("convnet ") + word);
    EXPECT_NE(message.find(std::string("got '") + word + "'"), std::string::npos) << message;
  }
  EXPECT_EQ(message_for("resnet10 width=8 width=9"),
            "network 'resnet10 width=8 width=9': width is there twice");
  EXPECT_EQ(message_for("resnet10 width=8x"),
            "network 'resnet10 width=8x': the network's 'width' is '8x', not an integer");
  EXPECT_EQ(message_for("convnet norm=batch"),
            "network 'convnet norm=batch': the network's 'norm' is 'batch', not one of instance, "
            "group, layer, none");
  EXPECT_EQ(message_for("convnet depth=99"),
            "network 'convnet depth=99': convnet: depth must not be 99");
  EXPECT_EQ(message_for("vit-tiny patch=5"),
            "network 'vit-tiny patch=5': vit-tiny: expected a patch that 32 pixels are a multiple "
            "of, got 5");
  EXPECT_EQ(message_for("vit-tiny patch=-4"),
            "network 'vit-tiny patch=-4': vit-tiny: expected a patch that 32 pixels are a multiple "
            "of, got -4");
}

}  // namespace
}  // namespace mkdt
