#include "mkdt/ssl/view_passes.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "mkdt/base/random.h"
#include "mkdt/nn/backbones/backbone.h"
#include "mkdt/ssl/teacher_trainer.h"
#include "tests/fixtures/thread_count.h"
#include "tests/ssl/tiny_teacher.h"

namespace mkdt {
namespace {

using testing::ThreadCount;
using State = std::map<std::string, torch::Tensor>;

const BackboneShape kShape = {"resnet10", 16, 4, 0};

// A step on two batches of noise: the loss, the gradients and all modules' state afterwards.
struct Step {
  double loss = 0;
  std::vector<torch::Tensor> gradients;
  State state;
};

TeacherState make_state(const std::string& algorithm, TeacherTrainingOptions& options) {
  options = testing::tiny_options();
  options.objective.algorithm = algorithm;
  TeacherState state = initial_teacher_state(kShape, options, 1, torch::kCPU);
  state.encoder->to(torch::kFloat64);
  state.algorithm->to(torch::kFloat64);
  return state;
}

torch::Tensor noise(int view) {
  at::Generator generator = make_generator(static_cast<uint64_t>(view), "test/view passes");
  return at::randn({8, 3, 16, 16}, generator, torch::TensorOptions(torch::kFloat64));
}

void read(const TeacherState& state, Step& step) {
  for (const auto& module : {state.encoder->parameters(), state.algorithm->parameters()}) {
    for (const torch::Tensor& parameter : module) {
      if (parameter.requires_grad()) step.gradients.push_back(parameter.grad().clone());
    }
  }
  step.state = module_state(*state.encoder, "encoder.");
  step.state.merge(module_state(*state.algorithm, "algorithm."));
  for (auto& [name, tensor] : step.state) tensor = tensor.clone();
}

Step by_passes(const std::string& algorithm, int threads) {
  const ThreadCount count(threads);
  TeacherTrainingOptions options;
  TeacherState state = make_state(algorithm, options);
  ViewPasses passes(kShape, options.objective, torch::kCPU, state);
  Step step;
  step.loss = passes.forward(noise).loss;
  passes.backward();
  read(state, step);
  return step;
}

// One graph over both views, one after the other.
Step plain(const std::string& algorithm) {
  TeacherTrainingOptions options;
  TeacherState state = make_state(algorithm, options);
  TwoViews views;
  views.images1 = noise(0);
  views.images2 = noise(1);
  views.features1 = state.encoder->features(views.images1);
  views.features2 = state.encoder->features(views.images2);
  const SslLoss loss = state.algorithm->loss(views);
  loss.value.backward();
  Step step;
  step.loss = loss.value.item<double>();
  read(state, step);
  return step;
}

class EveryAlgorithm : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryAlgorithm, DoesWhatOneGraphOverBothViewsDoes) {
  const Step expected = plain(GetParam());
  for (const int threads : {1, 2}) {
    const Step found = by_passes(GetParam(), threads);
    EXPECT_NEAR(found.loss, expected.loss, 1e-10 * std::abs(expected.loss));
    ASSERT_EQ(found.gradients.size(), expected.gradients.size());
    for (size_t i = 0; i < found.gradients.size(); ++i) {
      EXPECT_TRUE(torch::allclose(found.gradients[i], expected.gradients[i], 1e-7, 1e-10)) << i;
    }
    for (const auto& [name, tensor] : expected.state) {
      EXPECT_TRUE(torch::allclose(found.state.at(name).to(torch::kFloat64),
                                  tensor.to(torch::kFloat64), 1e-10, 1e-12))
          << name;
    }
  }
}

TEST_P(EveryAlgorithm, OneThreadAndTwoGiveTheSameBits) {
  const Step one = by_passes(GetParam(), 1), two = by_passes(GetParam(), 2);
  EXPECT_EQ(one.loss, two.loss);
  for (size_t i = 0; i < one.gradients.size(); ++i) {
    EXPECT_TRUE(torch::equal(one.gradients[i], two.gradients[i])) << i;
  }
  for (const auto& [name, tensor] : one.state) {
    EXPECT_TRUE(torch::equal(tensor, two.state.at(name))) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(ViewPasses, EveryAlgorithm,
                         ::testing::Values("barlow-twins", "simclr", "vicreg", "byol"),
                         [](const auto& algorithm) {
                           std::string name = algorithm.param;
                           name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
                           return name;
                         });

}  // namespace
}  // namespace mkdt
