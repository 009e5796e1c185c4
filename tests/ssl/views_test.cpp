#include "mkdt/ssl/views.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "mkdt/base/random.h"

namespace mkdt {
namespace {

using Rgb = std::array<double, 3>;
using Picture = std::vector<Rgb>;  // row by row

const Normalisation kPlain{{0, 0, 0}, {1, 1, 1}};

torch::Tensor random_pixels(int64_t count, int64_t size) {
  at::Generator generator = make_generator(4, "test/pixels");
  return at::randint(0, 256, {count, 3, size, size}, generator,
                     torch::TensorOptions(torch::kUInt8));
}

ViewParameters whole_image(int64_t size) {
  const auto s = static_cast<float>(size);
  return {0, 0, s, s, false, false, false, 1, 1, 1, 0, 0, 0, false};
}

double clamp01(double x) { return std::clamp(x, 0.0, 1.0); }
double luminance(const Rgb& p) { return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]; }

// A textbook conversion to HSV and back, sector by sector.
Rgb turn_hue(const Rgb& p, double turns) {
  const double v = std::max({p[0], p[1], p[2]});
  const double c = v - std::min({p[0], p[1], p[2]});
  if (c == 0) return p;
  double h = 0;
  if (v == p[0]) {
    h = std::fmod((p[1] - p[2]) / c + 6, 6);
  } else if (v == p[1]) {
    h = (p[2] - p[0]) / c + 2;
  } else {
    h = (p[0] - p[1]) / c + 4;
  }
  h = std::fmod(h + 6 * turns + 12, 6);
  const double x = c * (1 - std::abs(std::fmod(h, 2) - 1));
  const double m = v - c;
  switch (static_cast<int>(h)) {
    case 0:
      return {v, m + x, m};
    case 1:
      return {m + x, v, m};
    case 2:
      return {m, v, m + x};
    case 3:
      return {m, m + x, v};
    case 4:
      return {m + x, m, v};
    default:
      return {v, m, m + x};
  }
}

void jitter(Picture& picture, int which, const ViewParameters& view) {
  double mean = 0;
  for (const Rgb& p : picture) mean += luminance(p) / static_cast<double>(picture.size());
  for (Rgb& p : picture) {
    const double own = luminance(p);
    if (which == 3) p = turn_hue(p, view.hue);
    for (double& x : p) {
      if (which == 0) x = clamp01(x * view.brightness);
      if (which == 1) x = clamp01(mean + view.contrast * (x - mean));
      if (which == 2) x = clamp01(own + view.saturation * (x - own));
    }
  }
}

Picture reference_crop(const torch::Tensor& pixels, const ViewParameters& view) {
  const int64_t size = pixels.size(1);
  const auto at = [&](int64_t c, int64_t y, int64_t x) {
    const auto inside = [&](int64_t i) { return std::clamp<int64_t>(i, 0, size - 1); };
    return pixels[c][inside(y)][inside(x)].item<double>() / 255;
  };
  Picture picture;
  for (int64_t i = 0; i < size; ++i) {
    for (int64_t j = 0; j < size; ++j) {
      const int64_t column = view.flip ? size - 1 - j : j;
      const double y = view.top + (i + 0.5) * view.height / size - 0.5;
      const double x = view.left + (column + 0.5) * view.width / size - 0.5;
      const auto y0 = static_cast<int64_t>(std::floor(y));
      const auto x0 = static_cast<int64_t>(std::floor(x));
      const double v = y - y0;
      const double u = x - x0;
      Rgb p;
      for (int64_t c = 0; c < 3; ++c) {
        p[c] = (1 - v) * ((1 - u) * at(c, y0, x0) + u * at(c, y0, x0 + 1)) +
               v * ((1 - u) * at(c, y0 + 1, x0) + u * at(c, y0 + 1, x0 + 1));
      }
      picture.push_back(p);
    }
  }
  return picture;
}

// Every pixel of every channel as a sum over the whole square of the Gaussian's taps.
Picture blurred(const Picture& picture, int64_t size, double sigma) {
  const int64_t radius = std::max<int64_t>(size / 10 / 2, 1);
  Picture result;
  for (int64_t y = 0; y < size; ++y) {
    for (int64_t x = 0; x < size; ++x) {
      Rgb sum = {0, 0, 0};
      double weights = 0;
      for (int64_t dy = -radius; dy <= radius; ++dy) {
        for (int64_t dx = -radius; dx <= radius; ++dx) {
          const double weight = std::exp(-(dy * dy + dx * dx) / (2 * sigma * sigma));
          const int64_t row = std::clamp<int64_t>(y + dy, 0, size - 1);
          const int64_t column = std::clamp<int64_t>(x + dx, 0, size - 1);
          for (int64_t c = 0; c < 3; ++c) sum[c] += weight * picture[row * size + column][c];
          weights += weight;
        }
      }
      result.push_back({sum[0] / weights, sum[1] / weights, sum[2] / weights});
    }
  }
  return result;
}

// One view, pixel by pixel, in float64. `pixels` uint8 [3,S,S] → [3,S,S].
torch::Tensor reference_view(const torch::Tensor& pixels, const ViewParameters& view,
                             const Normalisation& normalisation) {
  Picture picture = reference_crop(pixels, view);
  if (view.jitter) {
    std::array<int, 4> order = {0, 1, 2, 3};
    for (int i = 0; i < view.order; ++i) std::next_permutation(order.begin(), order.end());
    for (const int which : order) jitter(picture, which, view);
  }
  const int64_t size = pixels.size(1);
  if (view.grey) {
    for (Rgb& p : picture) p.fill(luminance(p));
  }
  if (view.blur_sigma > 0) picture = blurred(picture, size, view.blur_sigma);
  torch::Tensor out = torch::empty({3, size, size}, torch::kFloat64);
  for (int64_t i = 0; i < size * size; ++i) {
    for (int64_t c = 0; c < 3; ++c) {
      const bool turned = view.solarise && picture[i][c] >= 0.5;
      const double value = turned ? 1 - picture[i][c] : picture[i][c];
      out[c][i / size][i % size] = (value - normalisation.mean[c]) / normalisation.std[c];
    }
  }
  return out;
}

TEST(Views, AreWhatThePixelwiseDefinitionSays) {
  const int64_t size = 9;
  const torch::Tensor pixels = random_pixels(40, size);
  at::Generator generator = make_generator(1, "test/views");
  const auto views = draw_views(40, size, {}, generator);
  const Normalisation normalisation{{.5F, .4F, .3F}, {.2F, .25F, .3F}};
  const torch::Tensor made = make_views(pixels, views, normalisation).to(torch::kFloat64);
  for (int64_t i = 0; i < 40; ++i) {
    const torch::Tensor expected = reference_view(pixels[i], views[i], normalisation);
    EXPECT_LT((made[i] - expected).abs().max().item<double>(), 2e-5) << "view " << i;
  }
}

TEST(Views, FollowEveryOrderOfTheJitters) {
  const torch::Tensor pixels = random_pixels(1, 4);
  std::set<double> sums;
  for (int order = 0; order < 24; ++order) {
    ViewParameters view = whole_image(4);
    view.jitter = true;
    view.brightness = 1.4F;
    view.contrast = 0.6F;
    view.saturation = 1.4F;
    view.hue = 0.1F;
    view.order = order;
    const torch::Tensor made = make_views(pixels, {view}, kPlain)[0].to(torch::kFloat64);
    const torch::Tensor expected = reference_view(pixels[0], view, kPlain);
    EXPECT_LT((made - expected).abs().max().item<double>(), 1e-5) << "order " << order;
    sums.insert(expected.sum().item<double>());
  }
  EXPECT_GT(sums.size(), 6U);
}

TEST(Views, TurnEveryHueByAnyAngle) {
  // All colours of a coarse grid, whose ties and grey points are the corners of HSV space.
  torch::Tensor pixels = torch::empty({1, 3, 6, 6}, torch::kUInt8);
  int64_t i = 0;
  for (const int r : {0, 128, 255}) {
    for (const int g : {0, 128, 255}) {
      for (const int b : {0, 50, 128, 255}) {
        const int64_t y = i / 6;
        const int64_t x = i++ % 6;
        pixels[0][0][y][x] = r;
        pixels[0][1][y][x] = g;
        pixels[0][2][y][x] = b;
      }
    }
  }
  for (const float turns : {-0.5F, -0.3F, -0.1F, 0.0F, 0.07F, 0.25F, 0.5F}) {
    ViewParameters view = whole_image(6);
    view.jitter = true;
    view.hue = turns;
    const torch::Tensor made = make_views(pixels, {view}, kPlain)[0].to(torch::kFloat64);
    const torch::Tensor expected = reference_view(pixels[0], view, kPlain);
    EXPECT_LT((made - expected).abs().max().item<double>(), 1e-5) << "turns " << turns;
  }
}

TEST(Views, TheWholeImageIsTheNormalisedImage) {
  const torch::Tensor pixels = random_pixels(3, 8);
  const Normalisation normalisation{{.5F, .4F, .3F}, {.2F, .25F, .3F}};
  const torch::Tensor made =
      make_views(pixels, std::vector<ViewParameters>(3, whole_image(8)), normalisation);
  EXPECT_TRUE(torch::allclose(made, normalisation.apply(pixels), 1e-5, 1e-5));
}

TEST(Views, BlurAsASumOverTheSquareOfTaps) {
  for (const int64_t size : {5, 21, 50}) {  // 3, 3 and 5 taps
    const torch::Tensor pixels = random_pixels(4, size);
    std::vector<ViewParameters> views(4, whole_image(size));
    views[0].blur_sigma = 0.1F;
    views[1].blur_sigma = 0.7F;
    views[2].blur_sigma = 2;
    views[3].blur_sigma = 2;
    views[3].grey = true;
    const torch::Tensor made = make_views(pixels, views, kPlain).to(torch::kFloat64);
    for (int64_t i = 0; i < 4; ++i) {
      const torch::Tensor expected = reference_view(pixels[i], views[i], kPlain);
      EXPECT_LT((made[i] - expected).abs().max().item<double>(), 1e-5) << size << " view " << i;
    }
  }
}

TEST(Views, SolariseWhatIsBrightAfterTheBlur) {
  torch::Tensor pixels = torch::zeros({2, 3, 4, 4}, torch::kUInt8);
  pixels.select(3, 0).fill_(127);
  pixels.select(3, 1).fill_(128);
  pixels.select(3, 2).fill_(255);
  std::vector<ViewParameters> views(2, whole_image(4));
  views[0].solarise = true;
  views[1].solarise = true;
  views[1].blur_sigma = 2;
  const torch::Tensor made = make_views(pixels, views, kPlain).to(torch::kFloat64);
  const std::vector<double> expected = {127 / 255.0, 127 / 255.0, 0, 0};
  for (int64_t x = 0; x < 4; ++x) {
    EXPECT_NEAR(made[0][1][2][x].item<double>(), expected[x], 1e-6) << x;
  }
  const torch::Tensor reference = reference_view(pixels[1], views[1], kPlain);
  EXPECT_LT((made[1] - reference).abs().max().item<double>(), 1e-5);
}

// What was drawn before there were blur and solarisation is drawn still: runs are repeatable.
TEST(Views, BlurAndSolarisationAreDrawnAfterTheRest) {
  const auto crops = [](const std::vector<ViewParameters>& views) {
    std::vector<float> numbers;
    for (const ViewParameters& v : views) {
      numbers.insert(numbers.end(), {v.left, v.top, v.width, v.height, v.brightness, v.contrast,
                                     v.saturation, v.hue, static_cast<float>(v.order)});
    }
    return numbers;
  };
  ViewOptions late;
  late.blur_probability = 1;
  at::Generator plain = make_generator(1, "test/views");
  at::Generator both = make_generator(1, "test/views");
  at::Generator twelve = make_generator(1, "test/views");
  EXPECT_EQ(crops(draw_views(50, 32, {}, plain)), crops(draw_views(50, 32, late, both)));
  at::rand({50, 12}, twelve, torch::TensorOptions(torch::kFloat64));
  EXPECT_TRUE(torch::equal(generator_state(plain), generator_state(twelve)));
  EXPECT_FALSE(torch::equal(generator_state(both), generator_state(twelve)));
}

TEST(Views, DrawBlurAndSolarisationAsOftenAsAsked) {
  ViewOptions options;
  options.blur_probability = 0.3;
  options.solarise_probability = 0.6;
  at::Generator generator = make_generator(1, "test/views");
  const auto views = draw_views(4000, 32, options, generator);
  double blurs = 0, sigmas = 0, solarised = 0, both = 0;
  for (const ViewParameters& view : views) {
    solarised += view.solarise;
    if (view.blur_sigma == 0) continue;
    EXPECT_TRUE(view.blur_sigma >= 0.1F && view.blur_sigma < 2) << view.blur_sigma;
    sigmas += view.blur_sigma;
    blurs += 1;
    both += view.solarise;
  }
  EXPECT_NEAR(blurs / 4000, 0.3, 0.03);
  EXPECT_NEAR(sigmas / blurs, 1.05, 0.06);
  EXPECT_NEAR(solarised / 4000, 0.6, 0.03);
  EXPECT_NEAR(both / 4000, 0.18, 0.03);
}

TEST(Views, DrawnParametersAreInRangeAndFitTheImage) {
  at::Generator generator = make_generator(1, "test/views");
  const auto views = draw_views(4000, 32, {}, generator);
  int64_t flips = 0, jitters = 0, greys = 0;
  double area = 0;
  for (const ViewParameters& view : views) {
    EXPECT_GE(view.left, 0);
    EXPECT_GE(view.top, 0);
    EXPECT_LE(view.left + view.width, 32.001);
    EXPECT_LE(view.top + view.height, 32.001);
    const double part = view.width * view.height / 1024;
    EXPECT_TRUE(part >= 0.1999 && part <= 1.0001) << part;
    const double aspect = view.width / view.height;
    EXPECT_TRUE(aspect >= 0.7499 && aspect <= 1.3334) << aspect;
    EXPECT_TRUE(view.brightness >= 0.6F && view.brightness <= 1.4F);
    EXPECT_TRUE(view.hue >= -0.1F && view.hue <= 0.1F);
    EXPECT_TRUE(view.order >= 0 && view.order < 24);
    area += part / 4000;
    flips += view.flip;
    jitters += view.jitter;
    greys += view.grey;
  }
  EXPECT_NEAR(area, 0.6, 0.02);
  EXPECT_NEAR(flips / 4000.0, 0.5, 0.04);
  EXPECT_NEAR(jitters / 4000.0, 0.8, 0.04);
  EXPECT_NEAR(greys / 4000.0, 0.2, 0.04);
}

TEST(Views, DoNotDependOnTheNumberOfThreads) {
  const torch::Tensor pixels = random_pixels(33, 16);
  at::Generator generator = make_generator(1, "test/views");
  ViewOptions options;
  options.blur_probability = 0.5;
  options.solarise_probability = 0.5;
  const auto views = draw_views(33, 16, options, generator);
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const torch::Tensor one = make_views(pixels, views, kPlain);
  at::set_num_threads(2);
  const torch::Tensor two = make_views(pixels, views, kPlain);
  at::set_num_threads(before);
  EXPECT_TRUE(torch::equal(one, two));
}

}  // namespace
}  // namespace mkdt
