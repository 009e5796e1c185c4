// What encoders are judged by on a device, beside the same on the CPU.
#include <gtest/gtest.h>

#include "mkdt/judge/finetune.h"
#include "mkdt/judge/knn.h"
#include "mkdt/judge/linear_probe.h"
#include "tests/fixtures/test_device.h"
#include "tests/judge/judge_fixture.h"
#include "tests/nn/ops/derivatives.h"

namespace mkdt {
namespace {

using testing::on_test_device;
using testing::relative_error;

torch::Tensor overlapping_classes(const torch::Tensor& labels) {
  at::Generator generator = make_generator(1, "test/classes");
  const torch::Tensor centres = torch::randn({7, 20}, generator) * 0.7;
  return centres.index_select(0, labels) + torch::randn({labels.size(0), 20}, generator);
}

TEST(OnTheDevice, TheProbeHasTheSameOptimum) {
  const torch::Tensor labels = torch::arange(300, torch::kLong).remainder(7);
  const torch::Tensor features = overlapping_classes(labels);
  const LinearProbe expected = fit_linear_probe(features, labels, 7, {1e-3, 100});
  const torch::Tensor there = on_test_device(features), labels_there = on_test_device(labels);
  const LinearProbe found = fit_linear_probe(there, labels_there, 7, {1e-3, 100});
  EXPECT_LE(relative_error(found.weight.cpu(), expected.weight), 1e-4);
  EXPECT_DOUBLE_EQ(accuracy(found, there, labels_there), accuracy(expected, features, labels));
}

TEST(OnTheDevice, NeighboursVoteTheSame) {
  const torch::Tensor labels = torch::arange(600, torch::kLong).remainder(7);
  const torch::Tensor features = overlapping_classes(labels);
  const torch::Tensor train = features.slice(0, 0, 280), test = features.slice(0, 280);
  const torch::Tensor known = labels.slice(0, 0, 280);
  const torch::Tensor found =
      knn_scores(on_test_device(train), on_test_device(known), on_test_device(test), 7);
  EXPECT_LE(relative_error(found.cpu(), knn_scores(train, known, test, 7)), 1e-4);
}

TEST(OnTheDevice, PretrainingAndFinetuning) {
  const NetworkPtr network = testing::tiny_network();
  const ImageSet images = testing::tiny_images("train", 48, 1);
  const auto train = [&](torch::Device device) {
    const RegressionSet set = regression_set(images, testing::tiny_targets(images, 1), device);
    TrainingOptions options;
    options.batch = 16;
    options.sgd.lr = 0.05;
    return pretrain(*network, set, 12, options, 3);
  };
  const auto tune = [&](const torch::Tensor& theta) {
    FinetuneOptions options;
    options.epochs = 3;
    options.batch = 16;
    const FinetunedEncoder tuned = finetune(
        *network, theta, images, torch::arange(48, torch::kLong), testing::kClasses, options, 1);
    return class_scores(*network, tuned, images).cpu();
  };
  const torch::Tensor expected = train(torch::kCPU), found = train(testing::test_device());
  EXPECT_EQ(found.device().type(), testing::test_device().type());
  EXPECT_LE(relative_error(found.cpu(), expected), 1e-3);
  EXPECT_LE(relative_error(tune(found), tune(expected)), 2e-2);
}

}  // namespace
}  // namespace mkdt
