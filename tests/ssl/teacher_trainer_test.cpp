#include "mkdt/ssl/teacher_trainer.h"

#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/nn/backbones/backbone.h"
#include "tests/ssl/tiny_teacher.h"

namespace mkdt {
namespace {

using testing::stripes;
using State = std::map<std::string, torch::Tensor>;

// An epoch of one step.
struct OneStep {
  explicit OneStep(const TeacherTrainingOptions& options) {
    const ImageSet images = stripes(32);
    const BackboneShape shape = {"resnet10", 16, 4, 0};
    TeacherState state = initial_teacher_state(shape, options, 1, torch::kCPU);
    const auto all = [&] {
      State tensors = module_state(*state.encoder, "encoder.");
      tensors.merge(module_state(*state.algorithm, "algorithm."));
      return tensors;
    };
    before = all();
    TeacherTrainer trainer(images, shape, options, 1, torch::kCPU, state);
    summary = trainer.train_epoch([](int64_t, double) {});
    after = all();
  }
  double moved(const std::string& name) const {
    return (after.at(name) - before.at(name)).norm().item<double>();
  }
  State before, after;
  EmbeddingSummary summary;
};

TeacherTrainingOptions one_epoch() {
  TeacherTrainingOptions options = testing::tiny_options();
  options.epochs = 1;
  options.optimiser.lr = 0.01;
  return options;
}

TEST(TeacherTrainer, MovesByolsTarget) {
  TeacherTrainingOptions options = one_epoch();
  options.objective.algorithm = "byol";
  options.objective.ema = 0.75;
  const OneStep step(options);
  const torch::Tensor& online = step.after.at("encoder.conv1.weight");
  const torch::Tensor& start = step.before.at("encoder.conv1.weight");
  EXPECT_GT(step.moved("encoder.conv1.weight"), 0);
  EXPECT_TRUE(torch::allclose(step.after.at("algorithm.target_encoder.conv1.weight"),
                              0.75 * start + 0.25 * online, 1e-5, 1e-7));
  EXPECT_TRUE(torch::allclose(step.after.at("algorithm.target_projector.0.weight"),
                              0.75 * step.before.at("algorithm.projector.0.weight") +
                                  0.25 * step.after.at("algorithm.projector.0.weight"),
                              1e-5, 1e-7));
}

TEST(TeacherTrainer, LarsTakesStepsInProportionToTheWeights) {
  TeacherTrainingOptions options = one_epoch();
  options.optimiser.optimiser = "lars";
  options.optimiser.lr = 2;
  const OneStep step(options);
  for (const char* name : {"encoder.layer2.0.conv1.weight", "algorithm.projector.0.weight"}) {
    const double size = step.before.at(name).norm().item<double>();
    EXPECT_NEAR(step.moved(name), 2 * 1e-3 * size, 1e-6 * size) << name;
  }
}

TEST(TeacherTrainer, EachViewIsDrawnAsItsOptionsSay) {
  // Solarising one view or the other are different trainings, and so are both and none.
  std::vector<double> losses;
  for (const std::vector<double>& solarise : {std::vector<double>{0, 0}, {0, 1}, {1, 0}, {1, 1}}) {
    TeacherTrainingOptions options = one_epoch();
    options.augmentation.solarise = solarise;
    const double loss = OneStep(options).summary.loss;
    for (const double other : losses) EXPECT_NE(loss, other);
    losses.push_back(loss);
  }
}

TEST(TeacherTrainer, SaysWhenTheLastUpdateBreaksTheParameters) {
  TeacherTrainingOptions options = one_epoch();
  options.optimiser.optimiser = "sgd";
  options.optimiser.warmup_epochs = 0;
  options.optimiser.lr = 1e38;
  try {
    const OneStep step(options);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what())
                  .find("step 1 of epoch 1 ends with parameters that are not finite"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace mkdt
