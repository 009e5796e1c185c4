#include "mkdt/data/shapes.h"

#include <cmath>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "mkdt/data/shape_outline.h"

namespace mkdt {
namespace {

ImageSplits make(int64_t train, int64_t test, uint64_t seed, int64_t size = 32) {
  Observer silent;
  return make_shapes({train, test, size}, seed, silent);
}

TEST(Shapes, SameForAnyNumberOfThreadsAndImages) {
  at::set_num_threads(1);
  const ImageSplits one = make(60, 20, 3);
  at::set_num_threads(2);
  const ImageSplits two = make(100, 20, 3);
  EXPECT_TRUE(torch::equal(one.train.images, two.train.images.slice(0, 0, 60)));
  EXPECT_TRUE(torch::equal(one.train.labels, two.train.labels.slice(0, 0, 60)));
  EXPECT_TRUE(torch::equal(one.test->images, two.test->images));
}

TEST(Shapes, SeedsAndSplitsDiffer) {
  const ImageSplits one = make(20, 20, 3);
  const ImageSplits other = make(20, 20, 4);
  EXPECT_FALSE(torch::equal(one.train.images, other.train.images));
  EXPECT_FALSE(torch::equal(one.train.images, one.test->images));
}

TEST(Shapes, ClassesAreBalanced) {
  const ImageSplits splits = make(200, 10, 1);
  EXPECT_EQ(splits.train.class_names.size(), 10U);
  EXPECT_TRUE(
      torch::equal(torch::bincount(splits.train.labels), torch::full({10}, 20, torch::kInt64)));
}

TEST(Shapes, AnyImageSize) {
  for (const int64_t size : {8, 50}) {
    EXPECT_EQ(make(10, 10, 1, size).train.images.sizes(), (torch::IntArrayRef{10, 3, size, size}));
  }
}

TEST(Shapes, ColourTellsNothingOfTheClass) {
  const ImageSplits splits = make(2000, 10, 5);
  const torch::Tensor colours = splits.train.images.to(torch::kFloat64).mean({2, 3});  // [N,3]
  const torch::Tensor overall = colours.mean(0);
  const torch::Tensor error = colours.std(0) / std::sqrt(200.0);
  for (int64_t label = 0; label < 10; ++label) {
    const torch::Tensor mean = colours.index({splits.train.labels == label}).mean(0);
    EXPECT_LT(((mean - overall) / error).abs().max().item<double>(), 4) << label;
  }
}

TEST(ShapeOutline, LiesWithinTheUnitCircleAndIsProminent) {
  for (size_t shape = 0; shape < shape_names().size(); ++shape) {
    const auto label = static_cast<int64_t>(shape);
    for (int i = 0; i < 360; ++i) {
      const double angle = i * M_PI / 180;
      EXPECT_GE(shape_distance(label, {std::cos(angle), std::sin(angle)}), -1e-9)
          << shape_names()[shape] << " at " << i;
    }
    int inside = 0;
    for (int x = -20; x <= 20; ++x) {
      for (int y = -20; y <= 20; ++y) {
        inside += shape_distance(label, {x / 20.0, y / 20.0}) < 0 ? 1 : 0;
      }
    }
    EXPECT_GT(inside / 1681.0, 0.15) << shape_names()[shape];
  }
}

// Distances change by exactly as much as one moves straight away from the outline, never by more.
TEST(ShapeOutline, DistancesAreLipschitz) {
  constexpr double kStep = 0.05;
  for (int64_t shape = 0; shape < 10; ++shape) {
    for (double x = -1.2; x < 1.2; x += kStep) {
      for (double y = -1.2; y < 1.2; y += kStep) {
        const double here = shape_distance(shape, {x, y});
        EXPECT_LE(std::abs(shape_distance(shape, {x + kStep, y}) - here), kStep + 1e-9);
        EXPECT_LE(std::abs(shape_distance(shape, {x, y + kStep}) - here), kStep + 1e-9);
      }
    }
  }
}

TEST(ShapeOutline, KnownDistances) {
  const auto distance = [](const std::string& name, Point point) {
    const auto& names = shape_names();
    const auto found = std::find(names.begin(), names.end(), name);
    return shape_distance(found - names.begin(), point);
  };
  EXPECT_NEAR(distance("square", {0, 0}), -0.7, 1e-12);
  EXPECT_NEAR(distance("square", {1, 0}), 0.3, 1e-12);
  EXPECT_NEAR(distance("square", {0.7 + 0.3, 0.7 + 0.4}), 0.5, 1e-12);
  EXPECT_NEAR(distance("triangle", {0, 0}), -0.5, 1e-12);
  EXPECT_NEAR(distance("cross", {0, 0}), -0.3 * std::sqrt(2), 1e-12);
  EXPECT_NEAR(distance("ring", {0, 0}), 0.5, 1e-12);
  EXPECT_GT(distance("crescent", {0.5, 0}), 0);
  EXPECT_LT(distance("crescent", {-0.6, 0}), 0);
}

}  // namespace
}  // namespace mkdt
