#include "mkdt/baseline/differentiable_views.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "tests/baseline/ssl_fixture.h"

namespace mkdt {
namespace {

const Normalisation kNormalisation = {{0.5F, 0.45F, 0.4F}, {0.25F, 0.2F, 0.3F}};

torch::Tensor random_pixels(int64_t count, int64_t channels, int64_t size, int64_t low,
                            int64_t high) {
  at::Generator generator = make_generator(1, "test/pixels");
  return torch::randint(low, high, {count, channels, size, size}, generator).to(torch::kUInt8);
}

std::vector<ViewParameters> random_views(int64_t count, int64_t size, const ViewOptions& options) {
  at::Generator generator = make_generator(2, "test/views");
  return draw_views(count, size, options, generator);
}

void expect_those_of_make_views(const torch::Tensor& pixels,
                                const std::vector<ViewParameters>& views) {
  const torch::Tensor found =
      differentiable_views(kNormalisation.apply(pixels), views, kNormalisation);
  const torch::Tensor expected = make_views(pixels, views, kNormalisation);
  EXPECT_EQ(found.sizes(), expected.sizes());
  EXPECT_EQ(found.scalar_type(), torch::kFloat32);
  EXPECT_LE((found - expected).abs().max().item<float>(), 2e-5);
}

TEST(DifferentiableViews, AreThoseOfMakeViewsWithoutColours) {
  ViewOptions options;
  options.jitter_probability = options.grey_probability = 0;
  expect_those_of_make_views(random_pixels(40, 3, 9, 0, 256), random_views(40, 9, options));
}

// Where nothing leaves [0, 1], in every sequence.
TEST(DifferentiableViews, AreThoseOfMakeViewsWhereNothingClamps) {
  ViewOptions options;
  options.jitter_probability = 1;
  options.brightness = options.contrast = options.saturation = 0.3;
  options.hue = 0;
  options.grey_probability = 0.2;
  std::vector<ViewParameters> views = random_views(48, 9, options);
  for (size_t i = 0; i < views.size(); ++i) views[i].order = static_cast<int>(i % 24);
  expect_those_of_make_views(random_pixels(48, 3, 9, 90, 150), views);
}

TEST(DifferentiableViews, TurnHueAsMakeViewsByThirds) {
  ViewOptions options;
  options.jitter_probability = 1;
  options.brightness = options.contrast = options.saturation = 0;
  options.grey_probability = 0;
  std::vector<ViewParameters> views = random_views(6, 9, options);
  for (size_t i = 0; i < views.size(); ++i) views[i].hue = i % 2 == 0 ? 1.F / 3 : -1.F / 3;
  expect_those_of_make_views(random_pixels(6, 3, 9, 0, 256), views);
}

TEST(DifferentiableViews, HueKeepsTheSumOfTheChannels) {
  std::vector<ViewParameters> views = random_views(8, 9, {});
  const torch::Tensor images = random_pixels(8, 3, 9, 0, 256).to(torch::kFloat64) / 255;
  const Normalisation plain = {{0, 0, 0}, {1, 1, 1}};
  for (ViewParameters& view : views) {
    view.jitter = true;
    view.grey = false;
    view.brightness = view.contrast = view.saturation = 1;
  }
  const torch::Tensor turned = differentiable_views(images, views, plain).sum(1);
  for (ViewParameters& view : views) view.hue = 0;
  const torch::Tensor expected = differentiable_views(images, views, plain).sum(1);
  EXPECT_TRUE(torch::allclose(turned, expected, 1e-10, 1e-10));
}

TEST(DifferentiableViews, OfGreyImagesAreThoseOfThreeEqualChannels) {
  ViewOptions options;
  options.brightness = options.contrast = 0.2;
  options.hue = 0;
  const std::vector<ViewParameters> views = random_views(20, 9, options);
  const torch::Tensor pixels = random_pixels(20, 1, 9, 90, 150);
  const Normalisation grey = {{0.4F}, {0.3F}};
  const Normalisation three = {{0.4F, 0.4F, 0.4F}, {0.3F, 0.3F, 0.3F}};
  const torch::Tensor found = differentiable_views(grey.apply(pixels), views, grey);
  const torch::Tensor expected =
      make_views(pixels.expand({-1, 3, -1, -1}).contiguous(), views, three).narrow(1, 0, 1);
  EXPECT_LE((found - expected).abs().max().item<float>(), 2e-5);
}

TEST(DifferentiableViews, HaveTheDerivativesOfFiniteDifferences) {
  const std::vector<ViewParameters> views = random_views(4, 6, {});
  at::Generator generator = make_generator(3, "test");
  const auto normal = [&] { return torch::randn({4, 3, 6, 6}, generator, torch::kFloat64); };
  const torch::Tensor images = normal(), weight = normal(), along = normal();
  // Σ w·v³ of the views v; its gradient; and the latter's derivative along `along`.
  const auto value = [&](const torch::Tensor& x) {
    return (weight * differentiable_views(x, views, kNormalisation).pow(3)).sum();
  };
  const auto slope = [&](const torch::Tensor& x) {
    const torch::Tensor gradient = torch::autograd::grad({value(x)}, {x}, {}, true, true)[0];
    return (gradient * along).sum();
  };
  const auto at = [&](double t) { return (images + t * along).detach().requires_grad_(true); };
  testing::expect_slope([&](double t) { return value(at(t)).item<double>(); },
                        slope(at(0)).item<double>());
  const torch::Tensor x = at(0);
  const torch::Tensor second = torch::autograd::grad({slope(x)}, {x})[0];
  testing::expect_slope([&](double t) { return slope(at(t)).item<double>(); },
                        (second * along).sum().item<double>());
}

}  // namespace
}  // namespace mkdt
