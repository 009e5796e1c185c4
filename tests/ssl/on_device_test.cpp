// What teachers compute on a device, beside the same on the CPU.
#include <functional>
#include <map>

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "mkdt/base/random.h"
#include "mkdt/ssl/byol.h"
#include "mkdt/ssl/losses.h"
#include "mkdt/ssl/teacher_training.h"
#include "mkdt/ssl/views.h"
#include "tests/fixtures/test_device.h"
#include "tests/nn/ops/derivatives.h"
#include "tests/ssl/loss_checks.h"
#include "tests/ssl/tiny_teacher.h"

namespace mkdt {
namespace {

using testing::on_test_device;
using testing::random_embeddings;
using testing::relative_error;

TEST(OnTheDevice, LossesAndTheirGradients) {
  using Loss = std::function<torch::Tensor(const torch::Tensor&, const torch::Tensor&)>;
  const std::map<std::string, Loss> losses = {
      {"barlow-twins", [](const auto& a, const auto& b) { return barlow_twins_loss(a, b, 5e-3); }},
      {"simclr", [](const auto& a, const auto& b) { return nt_xent_loss(a, b, 0.5); }},
      {"byol", [](const auto& a, const auto& b) { return byol_loss(a, b); }}};
  for (const auto& [name, loss] : losses) {
    const auto value_and_gradient = [&, &loss = loss](torch::Device device) {
      const torch::Tensor a = random_embeddings(24, 9, 0).to(device).requires_grad_();
      const torch::Tensor value = loss(a, random_embeddings(24, 9, 1).to(device));
      return std::pair(value.detach().cpu(), torch::autograd::grad({value}, {a})[0].cpu());
    };
    const auto found = value_and_gradient(testing::test_device());
    const auto expected = value_and_gradient(torch::kCPU);
    EXPECT_LE(relative_error(found.first, expected.first), 1e-11) << name;
    EXPECT_LE(relative_error(found.second, expected.second), 1e-11) << name;
  }
}

TEST(OnTheDevice, ViewsAreThoseOfTheCpu) {
  const Normalisation normalisation{{.5F, .4F, .3F}, {.2F, .25F, .3F}};
  ViewOptions options;
  options.blur_probability = 0.5;
  options.solarise_probability = 0.3;
  for (const int64_t size : {9, 32, 71}) {
    at::Generator generator = make_generator(1, "test/views");
    const torch::Tensor pixels =
        at::randint(256, {50, 3, size, size}, generator, torch::TensorOptions(torch::kUInt8));
    const auto views = draw_views(50, size, options, generator);
    const torch::Tensor found = make_views(on_test_device(pixels), views, normalisation);
    ASSERT_EQ(found.device().type(), testing::test_device().type());
    EXPECT_LE((found.cpu() - make_views(pixels, views, normalisation)).abs().max().item<double>(),
              1e-4)
        << size;
  }
}

class Losses : public Observer {
 public:
  void metric(const std::string& name, int64_t /*step*/, double value) override {
    if (name == "teacher/loss") values.push_back(value);
  }
  std::vector<double> values;
};

// The first epoch's steps, before rounding has grown.
TEST(OnTheDevice, TeachersTrainAsOnTheCpu) {
  const ImageSet images = testing::stripes(64);
  for (const char* const algorithm : {"barlow-twins", "simclr", "vicreg", "byol"}) {
    for (const char* const optimiser : {"adamw", "lars"}) {
      TeacherTrainingOptions options = testing::tiny_options();
      options.objective.algorithm = algorithm;
      options.optimiser.optimiser = optimiser;
      options.epochs = 1;
      Losses found, expected;
      const torch::Device device = testing::test_device();
      const Teacher teacher = train_teacher(images, options, 1, device, found);
      train_teacher(images, options, 1, torch::kCPU, expected);
      ASSERT_EQ(found.values.size(), 1U);
      EXPECT_NEAR(found.values[0], expected.values[0], 0.02 * std::abs(expected.values[0]))
          << algorithm << " " << optimiser;

      Observer silent;
      const torch::Tensor there = embed(image_encoder(teacher, device), images, 32, silent);
      const torch::Tensor here = embed(image_encoder(teacher, torch::kCPU), images, 32, silent);
      EXPECT_LE(relative_error(there, here), 1e-3) << algorithm << " " << optimiser;
    }
  }
}

TEST(OnTheDevice, TeachersOfEveryArchitectureTrainInBfloat16) {
  const ImageSet images = testing::stripes(64);
  for (const std::string& architecture : backbone_architectures()) {
    TeacherTrainingOptions options = testing::tiny_options();
    options.backbone.architecture = architecture;
    options.backbone.width = architecture.rfind("vit", 0) == 0 ? 12 : 4;
    options.precision = "bfloat16";
    options.epochs = 1;
    Losses losses;
    train_teacher(images, options, 1, testing::test_device(), losses);
    ASSERT_EQ(losses.values.size(), 1U) << architecture;
    EXPECT_TRUE(std::isfinite(losses.values[0])) << architecture;
  }
}

}  // namespace
}  // namespace mkdt
