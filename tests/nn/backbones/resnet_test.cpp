#include "mkdt/nn/backbones/resnet.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/nn/backbones/backbone.h"

namespace mkdt {
namespace {

using State = std::map<std::string, torch::Tensor>;

std::shared_ptr<ResNet> make_resnet(int64_t image_size, int64_t width, uint64_t seed = 1) {
  at::Generator generator = make_generator(seed, "test/resnet");
  return std::make_shared<ResNet>(ResNetShape{image_size, width}, generator);
}

torch::Tensor resnet_images(int64_t count, int64_t size) {
  at::Generator generator = make_generator(7, "test/images");
  return at::randn({count, 3, size, size}, generator, torch::TensorOptions(torch::kFloat32));
}

int64_t parameter_count(const ResNet& net) {
  int64_t count = 0;
  for (const torch::Tensor& parameter : net.parameters()) count += parameter.numel();
  return count;
}

// Batch norm with the batch's statistics (training) or the running ones, then the definition of
// a basic block and of the whole network, written out.
class Oracle {
 public:
  Oracle(State state, bool training, bool max_pool)
      : state_(std::move(state)), training_(training), max_pool_(max_pool) {}

  torch::Tensor features(torch::Tensor x) const {
    x = torch::relu(norm("bn1", conv("conv1", x, 1, 1)));
    if (max_pool_) x = torch::max_pool2d(x, {3, 3}, {2, 2}, {1, 1});
    for (int stage = 1; stage <= 4; ++stage) {
      for (int index = 0; index < 2; ++index) {
        const std::string name = "layer" + std::to_string(stage) + "." + std::to_string(index);
        x = block(name + ".", x, stage > 1 && index == 0 ? 2 : 1);
      }
    }
    return x.flatten(2).mean(2);
  }

 private:
  torch::Tensor conv(const std::string& name, const torch::Tensor& x, int64_t stride,
                     int64_t padding) const {
    return torch::conv2d(x, state_.at(name + ".weight"), {}, stride, padding);
  }

  torch::Tensor norm(const std::string& name, const torch::Tensor& x) const {
    const auto channel = [](const torch::Tensor& values) { return values.view({1, -1, 1, 1}); };
    torch::Tensor mean = channel(state_.at(name + ".running_mean"));
    torch::Tensor variance = channel(state_.at(name + ".running_var"));
    if (training_) {
      mean = x.mean({0, 2, 3}, true);
      variance = (x - mean).square().mean({0, 2, 3}, true);
    }
    return (x - mean) / (variance + 1e-5).sqrt() * channel(state_.at(name + ".weight")) +
           channel(state_.at(name + ".bias"));
  }

  torch::Tensor block(const std::string& name, const torch::Tensor& x, int64_t stride) const {
    torch::Tensor y = torch::relu(norm(name + "bn1", conv(name + "conv1", x, stride, 1)));
    y = norm(name + "bn2", conv(name + "conv2", y, 1, 1));
    const bool projected = state_.count(name + "downsample.0.weight") > 0;
    return torch::relu(
        y +
        (projected ? norm(name + "downsample.1", conv(name + "downsample.0", x, stride, 0)) : x));
  }

  State state_;
  bool training_, max_pool_;
};

TEST(ResNet, HasThePublishedSize) {
  // torchvision's resnet18 has 11 689 512: less 513 000 of its head and 64·3·(49 − 9) of its stem.
  EXPECT_EQ(parameter_count(*make_resnet(32, 64)), 11'168'832);
}

// torchvision's counts without the head; ResNet-10's is ResNet-18's less its four second blocks.
TEST(ResNet, EveryDepthHasThePublishedSizeOnLargeImages) {
  at::Generator generator = make_generator(1, "test/resnet");
  for (const auto& [layers, dim, count] :
       {std::tuple<int64_t, int64_t, int64_t>{10, 512, 11'176'512 - 6'270'720},
        {18, 512, 11'689'512 - 513'000},
        {34, 512, 21'797'672 - 513'000},
        {50, 2048, 25'557'032 - 2'049'000}}) {
    const ResNet net({224, 64, layers}, generator);
    EXPECT_EQ(parameter_count(net), count) << layers;
    EXPECT_EQ(net.feature_dim(), dim) << layers;
  }
  EXPECT_THROW(ResNet({32, 64, 101}, generator), Error);
}

TEST(ResNet, LargeImagesAreHalvedTwiceBeforeTheFirstStage) {
  at::Generator generator = make_generator(1, "test/resnet");
  ResNet net({96, 4, 50}, generator);
  EXPECT_EQ(net.named_parameters()["conv1.weight"].sizes(), at::IntArrayRef({4, 3, 7, 7}));
  EXPECT_EQ(net.named_parameters()["layer1.0.conv3.weight"].sizes(),
            at::IntArrayRef({16, 4, 1, 1}));
  const torch::Tensor features = net.features(resnet_images(2, 96));
  EXPECT_EQ(features.sizes(), at::IntArrayRef({2, 128}));
  features.square().sum().backward();
  for (const auto& item : net.named_parameters()) {
    EXPECT_GT(item.value().grad().abs().sum().item<double>(), 0) << item.key();
  }
}

TEST(ResNet, NamesAreTorchvisions) {
  const State state = module_state(*make_resnet(32, 4));
  for (const char* name : {"conv1.weight", "bn1.bias", "layer1.0.conv1.weight",
                           "layer1.1.bn2.running_var", "layer2.0.downsample.0.weight",
                           "layer4.0.downsample.1.num_batches_tracked", "layer4.1.conv2.weight"}) {
    EXPECT_EQ(state.count(name), 1) << name;
  }
  EXPECT_EQ(state.count("layer1.0.downsample.0.weight"), 0);
  EXPECT_EQ(state.size(), 20U * 6U + 0U);  // 20 convolutions, each with a norm of 5 tensors
}

TEST(ResNet, ComputesWhatTheDefinitionSays) {
  for (const int64_t size : {16, 64}) {
    for (const bool training : {false, true}) {
      const auto net = make_resnet(size, 4);
      {
        const torch::NoGradGuard no_grad;
        at::Generator generator = make_generator(3, "test/norms");
        for (auto& item : net->named_parameters()) {
          if (item.value().dim() == 1) item.value().uniform_(0.5, 1.5, generator);
        }
        for (auto& item : net->named_buffers()) {
          if (item.value().dim() == 1) item.value().uniform_(0.5, 1.5, generator);
        }
      }
      net->to(torch::kFloat64);
      net->train(training);
      const Oracle oracle(module_state(*net), training, size == 64);
      const torch::Tensor images = resnet_images(3, size).to(torch::kFloat64);
      const torch::Tensor features = net->features(images);
      EXPECT_EQ(features.sizes(), at::IntArrayRef({3, 32}));
      const torch::Tensor expected = oracle.features(images);
      EXPECT_TRUE(torch::allclose(features, expected, 1e-10, 1e-12))
          << size << " " << training << " " << (features - expected).abs().max();
    }
  }
}

TEST(ResNet, SameSeedSameParameters) {
  const State a = module_state(*make_resnet(32, 4, 5));
  const State b = module_state(*make_resnet(32, 4, 5));
  const State c = module_state(*make_resnet(32, 4, 6));
  for (const auto& [name, tensor] : a) EXPECT_TRUE(torch::equal(tensor, b.at(name))) << name;
  EXPECT_FALSE(torch::equal(a.at("conv1.weight"), c.at("conv1.weight")));
}

TEST(ResNet, KernelsHaveHesVariance) {
  const State state = module_state(*make_resnet(32, 16));
  const torch::Tensor kernels = state.at("layer3.1.conv1.weight");  // [64,64,3,3]
  EXPECT_NEAR(kernels.std().item<double>(), std::sqrt(2.0 / (64 * 9)), 1e-3);
  EXPECT_NEAR(kernels.mean().item<double>(), 0, 1e-3);
}

TEST(ResNet, BfloatImagesGiveFloatFeaturesAndGradients) {
  const auto net = make_resnet(16, 4);
  const torch::Tensor images = resnet_images(8, 16);
  const torch::Tensor exact = net->features(images);
  const torch::Tensor rough = net->features(images.to(torch::kBFloat16));
  EXPECT_EQ(rough.scalar_type(), torch::kFloat32);
  EXPECT_LT((rough - exact).norm().item<double>(), 0.1 * exact.norm().item<double>());
  rough.sum().backward();
  for (const torch::Tensor& parameter : net->parameters()) {
    EXPECT_EQ(parameter.grad().scalar_type(), torch::kFloat32);
  }
}

TEST(ResNet, RejectsImpossibleShapes) {
  EXPECT_THROW(make_resnet(4, 16), Error);
  EXPECT_THROW(make_resnet(32, 0), Error);
}

TEST(ModuleState, RoundTrips) {
  const auto from = make_resnet(16, 4, 1);
  from->features(resnet_images(4, 16));  // moves the running statistics
  const auto to = make_resnet(16, 4, 2);
  State state;
  for (const auto& [name, tensor] : module_state(*from, "encoder.")) state[name] = tensor;
  load_module_state(*to, state, "here", "encoder.");
  from->eval();
  to->eval();
  const torch::Tensor images = resnet_images(2, 16);
  EXPECT_TRUE(torch::equal(from->features(images), to->features(images)));
}

TEST(ModuleState, IsACopy) {
  const auto net = make_resnet(16, 4);
  const State state = module_state(*net);
  const torch::NoGradGuard no_grad;
  for (const torch::Tensor& parameter : net->parameters()) parameter.zero_();
  EXPECT_GT(state.at("conv1.weight").abs().sum().item<double>(), 0);
}

TEST(ModuleState, NamesWhatDoesNotFit) {
  const auto net = make_resnet(16, 4);
  const State whole = module_state(*net);
  const auto message = [&](const State& state) -> std::string {
    try {
      load_module_state(*net, state, "some/file");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  State missing = whole;
  missing.erase("bn1.bias");
  EXPECT_EQ(message(missing), "some/file: expected a tensor 'bn1.bias', there is none");
  State wrong = whole;
  wrong["conv1.weight"] = torch::zeros({4, 3, 5, 5});
  EXPECT_EQ(message(wrong),
            "some/file: tensor 'conv1.weight': expected Float [4,3,3,3], got Float [4,3,5,5]");
  EXPECT_TRUE(torch::equal(module_state(*net).at("bn1.weight"), whole.at("bn1.weight")));
}

}  // namespace
}  // namespace mkdt
