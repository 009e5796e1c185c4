#include "mkdt/nn/network.h"

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/nn/convnet.h"

namespace mkdt {
namespace {

using Description = std::map<std::string, std::string>;

std::string message_for(const Description& description) {
  try {
    make_network(description, "experts.safetensors");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(MakeNetwork, BuildsWhatWasDescribed) {
  const ConvNet original({1, 12, 6, 2, 7});
  const NetworkPtr copy = make_network(original.describe(), "somewhere");
  EXPECT_EQ(copy->describe(), original.describe());
  EXPECT_EQ(copy->layout().size(), original.layout().size());
  EXPECT_EQ(copy->channels(), 1);
  EXPECT_EQ(copy->image_size(), 12);
  EXPECT_EQ(copy->output_dim(), 7);
}

TEST(MakeNetwork, NamesTheFileAndTheEntryThatIsWrong) {
  Description description = ConvNet({1, 12, 6, 2, 7}).describe();
  description["width"] = "6x";
  EXPECT_EQ(message_for(description),
            "experts.safetensors: the network's 'width' is '6x', not an integer");
  description.erase("width");
  EXPECT_EQ(message_for(description),
            "experts.safetensors: the network's description has no 'width'");
  EXPECT_NE(message_for({{"architecture", "vgg"}}).find("experts.safetensors: architecture 'vgg'"),
            std::string::npos);
  EXPECT_NE(message_for({}).find("has no 'architecture'"), std::string::npos);
}

TEST(Difference, NamesEveryEntryThatDiffers) {
  const ConvNet a({3, 32, 64, 3, 512}), b({3, 32, 128, 3, 256});
  EXPECT_EQ(difference(a, a), "");
  EXPECT_EQ(difference(a, b), "outputs 512, expected 256; width 64, expected 128");
}

TEST(Difference, IgnoresTheOperators) {
  const ConvNet fused({3, 8, 4, 1, 2});
  const auto stock = fused.with_operators(Operators::kStock);
  EXPECT_EQ(difference(fused, *stock), "");
  EXPECT_EQ(stock->describe(), fused.describe());
}

TEST(InBatches, GivesWhatOneBatchWouldGive) {
  const ConvNet network({1, 4, 2, 1, 3});
  at::Generator generator = make_generator(1, "test");
  const torch::Tensor theta = network.initialise(generator);
  const torch::Tensor images = torch::randn({600, 1, 4, 4}, generator);
  const auto images_at = [&](int64_t begin, int64_t end) { return images.slice(0, begin, end); };

  const torch::Tensor features = features_in_batches(network, theta, images_at, 600);
  EXPECT_TRUE(features.allclose(network.features(theta, images), 1e-4, 1e-5));
  const torch::Tensor outputs = outputs_in_batches(network, theta, images_at, 600);
  EXPECT_TRUE(outputs.allclose(network.outputs(theta, images), 1e-4, 1e-5));
  EXPECT_EQ(outputs_in_batches(network, theta, images_at, 0).sizes(), (std::vector<int64_t>{0, 3}));
}

TEST(InBatches, KeepsNoGradient) {
  const ConvNet network({1, 4, 2, 1, 3});
  at::Generator generator = make_generator(1, "test");
  const torch::Tensor theta = network.initialise(generator).requires_grad_(true);
  const torch::Tensor images = torch::randn({3, 1, 4, 4}, generator);
  const auto images_at = [&](int64_t begin, int64_t end) { return images.slice(0, begin, end); };
  EXPECT_FALSE(outputs_in_batches(network, theta, images_at, 3).requires_grad());
}

}  // namespace
}  // namespace mkdt
