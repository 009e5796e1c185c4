#include "mkdt/distill/subset.h"

#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/distill/distill_options.h"
#include "mkdt/nn/convnet.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

TEST(Subset, RandomIsSortedDistinctAndOfTheSeed) {
  const torch::Tensor rows = random_subset(100, 30, 1);
  ASSERT_EQ(rows.numel(), 30);
  EXPECT_TRUE((rows.slice(0, 1) > rows.slice(0, 0, -1)).all().item<bool>());
  EXPECT_GE(rows[0].item<int64_t>(), 0);
  EXPECT_LT(rows[29].item<int64_t>(), 100);
  EXPECT_TRUE(torch::equal(rows, random_subset(100, 30, 1)));
  EXPECT_FALSE(torch::equal(rows, random_subset(100, 30, 2)));
}

TEST(Subset, HighLossTakesTheLargestAndBreaksTiesByRow) {
  const torch::Tensor losses = torch::tensor({1.0, 5.0, 3.0, 5.0, 3.0});
  EXPECT_TRUE(torch::equal(high_loss_subset(losses, 3), torch::tensor({1, 2, 3}, torch::kInt64)));
}

TEST(Subset, ExpertLossesAreTheMeanOverExpertsAndEpochs) {
  at::Generator generator = make_generator(1, "test");
  const auto network = std::make_shared<ConvNet>(ConvNetShape{3, 8, 3, 2, 4});
  ImageSet images;
  images.images = torch::randint(256, {7, 3, 8, 8}, generator, torch::kFloat32).to(torch::kUInt8);
  images.normalisation = {{0.4F, 0.5F, 0.6F}, {0.2F, 0.2F, 0.3F}};
  const torch::Tensor targets = torch::randn({7, 4}, generator);
  const testing::TemporaryFolder folder;
  const TrajectoryStore store(folder.path(), 2);
  torch::Tensor expected = torch::zeros({7});
  for (int64_t index = 0; index < 2; ++index) {
    ExpertTrajectory trajectory;
    trajectory.network = network;
    trajectory.thetas = torch::randn({3, network->layout().size()}, generator);
    trajectory.losses = {1, 1};
    store.write(index, trajectory, "key");
    for (int64_t epoch = 1; epoch <= 2; ++epoch) {
      const torch::Tensor outputs =
          network->outputs(trajectory.thetas[epoch], images.normalised(torch::kCPU));
      expected += (outputs - targets).square().mean(1) / 4;
    }
  }
  Observer silent;
  const torch::Tensor losses = expert_losses(images, targets, store, *network, silent);
  EXPECT_TRUE(torch::allclose(losses, expected.to(torch::kFloat64), 1e-4));
}

TEST(Subset, NamesTheExpertWhoseParametersOrLossesAreNotFinite) {
  at::Generator generator = make_generator(1, "test");
  const auto network = std::make_shared<ConvNet>(ConvNetShape{3, 8, 3, 2, 4});
  ImageSet images;
  images.images = torch::randint(256, {7, 3, 8, 8}, generator, torch::kFloat32).to(torch::kUInt8);
  images.normalisation = {{0.4F, 0.5F, 0.6F}, {0.2F, 0.2F, 0.3F}};
  const testing::TemporaryFolder folder;
  const TrajectoryStore store(folder.path(), 1);
  const auto message = [&](float value) {
    ExpertTrajectory trajectory;
    trajectory.network = network;
    trajectory.thetas = torch::randn({3, network->layout().size()}, generator);
    trajectory.thetas[2].slice(0, -4) = value;  // the head's bias
    trajectory.losses = {1, 1};
    store.write(0, trajectory, "key");
    Observer silent;
    try {
      expert_losses(images, torch::zeros({7, 4}), store, *network, silent);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message(1), "");
  EXPECT_EQ(message(NAN),
            store.path(0).string() + ": epoch 2 has values that are not finite numbers");
  EXPECT_EQ(message(1e30F), store.path(0).string() +
                                ": epoch 2: the loss on images 0 to 6 has values that are not "
                                "finite numbers");
}

TEST(Subset, SizeIsACountOrAFraction) {
  SubsetOptions options;
  options.size = 0.02;
  EXPECT_EQ(options.count(5000), 100);
  EXPECT_EQ(options.count(10), 1);
  options.size = 7;
  EXPECT_EQ(options.count(10), 7);
  EXPECT_THROW(options.count(6), Error);
}

}  // namespace
}  // namespace mkdt
