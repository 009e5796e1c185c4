#include "mkdt/distill/pretrain.h"

#include <gtest/gtest.h>

#include "mkdt/base/random.h"
#include "mkdt/data/batches.h"
#include "tests/judge/judge_fixture.h"

namespace mkdt {
namespace {

using testing::tiny_network;
using testing::tiny_regression_set;

TEST(Pretrain, LowersTheLossOnHeldOutImages) {
  const NetworkPtr network = tiny_network();
  const RegressionSet held_out = tiny_regression_set(30, 2);
  const torch::Tensor fresh = initial_encoder(*network, 7, torch::kCPU);
  const torch::Tensor theta =
      pretrain(*network, tiny_regression_set(30, 1), 40, {16, {0.1, 0.9, 1e-4}}, 7);
  EXPECT_LT(representation_loss(*network, theta, held_out),
            0.5 * representation_loss(*network, fresh, held_out));
}

TEST(Pretrain, IsSgdFromTheInitialEncoder) {
  const NetworkPtr network = tiny_network();
  const RegressionSet set = tiny_regression_set(10, 1);
  const TrainingOptions options{4, {0.05, 0.9, 1e-4}};
  Student student{initial_encoder(*network, 3, torch::kCPU), {}};
  at::Generator order = make_generator(3, "eval/order");
  for (const torch::Tensor& batch : batches_for_steps(10, 4, 5, order)) {
    sgd_step(*network, student, set.images_at(batch), set.targets.index_select(0, batch),
             options.sgd);
  }
  EXPECT_TRUE(torch::equal(pretrain(*network, set, 5, options, 3), student.theta));
}

TEST(Pretrain, ShortBatchesCompleteEachPassWhereTheyAreWanted) {
  const NetworkPtr network = tiny_network();
  RegressionSet set = tiny_regression_set(10, 1);
  std::vector<int64_t> sizes;
  set.images_at = [&sizes, images_at = set.images_at](const torch::Tensor& rows) {
    sizes.push_back(rows.numel());
    return images_at(rows);
  };
  TrainingOptions options{4, {0.05, 0.9, 1e-4}};
  pretrain(*network, set, 4, options, 3);
  EXPECT_EQ(sizes, (std::vector<int64_t>{4, 4, 4, 4}));
  sizes.clear();
  options.short_batches = true;
  pretrain(*network, set, 4, options, 3);
  EXPECT_EQ(sizes, (std::vector<int64_t>{4, 4, 2, 4}));
}

TEST(Pretrain, TheSeedDecidesAndEveryStepIsReported) {
  const NetworkPtr network = tiny_network();
  const RegressionSet set = tiny_regression_set(10, 1);
  std::vector<int64_t> steps;
  const auto after_step = [&](int64_t step, const torch::Tensor&) { steps.push_back(step); };
  const torch::Tensor theta = pretrain(*network, set, 3, {4, {}}, 1, after_step);
  EXPECT_EQ(steps, (std::vector<int64_t>{1, 2, 3}));
  EXPECT_TRUE(torch::equal(theta, pretrain(*network, set, 3, {4, {}}, 1)));
  EXPECT_FALSE(torch::equal(theta, pretrain(*network, set, 3, {4, {}}, 2)));
}

TEST(Pretrain, SaysWhenItDiverges) {
  const NetworkPtr network = tiny_network();
  try {
    pretrain(*network, tiny_regression_set(10, 1), 100, {4, {1e6, 0.9, 0}}, 1);
    FAIL() << "expected an Error";
  } catch (const DivergedError& error) {
    EXPECT_NE(std::string(error.what()).find("pretrain.lr"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("at step "), std::string::npos) << error.what();
  }
}

TEST(RepresentationLoss, IsTheMeanSquaredError) {
  const NetworkPtr network = tiny_network();
  const RegressionSet set = tiny_regression_set(9, 1);
  const torch::Tensor theta = initial_encoder(*network, 3, torch::kCPU);
  const torch::Tensor outputs = network->outputs(theta, set.images_at(torch::arange(9)));
  const double expected = (outputs - set.targets).square().mean().item<double>();
  EXPECT_NEAR(representation_loss(*network, theta, set), expected, 1e-6);
}

TEST(RegressionSets, RefuseOtherCounts) {
  const ImageSet images = testing::tiny_images("tiny", 6, 1);
  EXPECT_THROW(regression_set(images, torch::zeros({5, 2}), torch::kCPU), Error);
  EXPECT_THROW(regression_set(torch::zeros({4, 3, 8, 8}), torch::zeros({5, 2}), torch::kCPU),
               Error);
}

}  // namespace
}  // namespace mkdt
