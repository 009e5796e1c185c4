// The body of the GPU's kernel, run on the CPU by as many threads as share an image.
#include <cmath>
#include <thread>

#include <gtest/gtest.h>

#include "mkdt/base/random.h"
#include "mkdt/ssl/views_cuda.h"
#include "tests/fixtures/meeting.h"

namespace mkdt {
namespace {

struct Team {
  int part, parts;
  testing::Meeting<float>* meeting;

  float sum(float x) const {
    float values[1] = {x};
    (*meeting)(values);
    return values[0];
  }
  void meet() const { sum(0); }
};

torch::Tensor made_by_kernel(const torch::Tensor& pixels, const std::vector<ViewParameters>& views,
                             const Normalisation& normalisation, int parts) {
  std::vector<mkdt_kernel::View> drawn;
  for (const ViewParameters& view : views) drawn.push_back(kernel_view(view));
  const torch::Tensor result = torch::full(pixels.sizes(), NAN), scratch = result.clone();
  mkdt_kernel::ViewBatch batch{};
  batch.pixels = pixels.data_ptr<uint8_t>();
  batch.views = drawn.data();
  batch.scratch = scratch.data_ptr<float>();
  batch.out = result.data_ptr<float>();
  batch.size = static_cast<int>(pixels.size(2));
  batch.taps = 3;
  for (size_t c = 0; c < 3; ++c) {
    batch.mean[c] = normalisation.mean[c];
    batch.std[c] = normalisation.std[c];
  }
  for (int image = 0; image < pixels.size(0); ++image) {
    testing::Meeting<float> meeting(parts);
    std::vector<std::thread> threads;
    for (int part = 0; part < parts; ++part) {
      threads.emplace_back([&, part] {
        const Team team = {part, parts, &meeting};
        mkdt_kernel::ViewMaker<Team>(batch, image, team).make();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  return result;
}

TEST(ViewsKernel, MakesTheViewsOfTheCpu) {
  const Normalisation normalisation{{.5F, .4F, .3F}, {.2F, .25F, .3F}};
  ViewOptions options;
  options.blur_probability = 0.5;
  options.solarise_probability = 0.3;
  for (const int parts : {1, 3}) {
    at::Generator generator = make_generator(1, "test/views");
    const torch::Tensor pixels =
        at::randint(256, {60, 3, 9, 9}, generator, torch::TensorOptions(torch::kUInt8));
    const auto views = draw_views(60, 9, options, generator);
    const torch::Tensor expected = make_views(pixels, views, normalisation);
    const torch::Tensor found = made_by_kernel(pixels, views, normalisation, parts);
    // Where rounding decides whether a value is solarised, v and 1 − v are both one half.
    EXPECT_LT((found - expected).abs().max().item<double>(), 1e-4) << parts << " parts";
  }
}

}  // namespace
}  // namespace mkdt
