#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/ssl/teacher_options.h"

namespace mkdt {
namespace {

// Solarisation and blur of the first view, then of the second.
std::vector<double> late_probabilities(const ViewPair& pair) {
  return {pair.first.solarise_probability, pair.first.blur_probability,
          pair.second.solarise_probability, pair.second.blur_probability};
}

// What check() says; empty if it throws nothing.
std::string complaint(const AugmentationOptions& options) {
  try {
    options.check();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(AugmentationOptions, DefaultsAreThoseOfTheViews) {
  const ViewOptions expected;
  const ViewPair pair = AugmentationOptions().views("barlow-twins", 32);
  for (const ViewOptions& view : {pair.first, pair.second}) {
    EXPECT_EQ(view.min_area, expected.min_area);
    EXPECT_EQ(view.flip_probability, expected.flip_probability);
    EXPECT_EQ(view.jitter_probability, expected.jitter_probability);
    EXPECT_EQ(view.brightness, expected.brightness);
    EXPECT_EQ(view.contrast, expected.contrast);
    EXPECT_EQ(view.saturation, expected.saturation);
    EXPECT_EQ(view.hue, expected.hue);
    EXPECT_EQ(view.grey_probability, expected.grey_probability);
  }
  EXPECT_EQ(late_probabilities(pair), (std::vector<double>{0, 0, 0, 0}));
}

TEST(AugmentationOptions, AlgorithmsHaveTheirOwnBlurAndSolarisation) {
  const AugmentationOptions options;
  using Expected = std::vector<double>;
  EXPECT_EQ(late_probabilities(options.views("byol", 95)), (Expected{0, 0, 0.2, 0}));
  EXPECT_EQ(late_probabilities(options.views("byol", 96)), (Expected{0, 1, 0.2, 0.1}));
  EXPECT_EQ(late_probabilities(options.views("barlow-twins", 96)), (Expected{0, 1, 0, 0.1}));
  EXPECT_EQ(late_probabilities(options.views("vicreg", 224)), (Expected{0, 1, 0, 0.1}));
  EXPECT_EQ(late_probabilities(options.views("simclr", 96)), (Expected{0, 0.5, 0, 0.5}));
  EXPECT_EQ(late_probabilities(options.views("simclr", 64)), (Expected{0, 0, 0, 0}));
  EXPECT_EQ(late_probabilities(options.views("another", 96)), (Expected{0, 0, 0, 0}));
}

TEST(AugmentationOptions, ListsTakeTheAlgorithmsPlace) {
  AugmentationOptions options;
  options.solarise = {0.3, 0};
  options.blur = {0, 0.7};
  EXPECT_EQ(late_probabilities(options.views("byol", 224)), (std::vector<double>{0.3, 0, 0, 0.7}));
  EXPECT_EQ(late_probabilities(options.views("simclr", 32)), (std::vector<double>{0.3, 0, 0, 0.7}));
}

TEST(AugmentationOptions, StrengthMultipliesTheAmplitudes) {
  AugmentationOptions options;
  options.jitter = 2;
  options.brightness = 0.1;
  options.contrast = 0.2;
  options.saturation = 0.9;
  options.hue = 0.2;
  const ViewOptions view = options.views("byol", 32).second;
  EXPECT_DOUBLE_EQ(view.brightness, 0.2);
  EXPECT_DOUBLE_EQ(view.contrast, 0.4);
  EXPECT_EQ(view.saturation, 1);
  EXPECT_DOUBLE_EQ(view.hue, 0.4);
  options.hue = 0.3;
  EXPECT_EQ(options.views("byol", 32).first.hue, 0.5);
}

TEST(AugmentationOptions, AreReadFromTheirSection) {
  AugmentationOptions options;
  OptionTable table;
  OptionSection section = table.section("teacher");
  options.declare(section);
  table.read_toml(
      "[teacher]\nmin_crop = 0.08\nflip = 0\njitter = 0.5\njitter_probability = 0.9\n"
      "grey = 0.1\nblur = [0.5, 0]\nsolarise = [0, 1]\n",
      "a.toml");
  const ViewPair pair = options.views("simclr", 32);
  EXPECT_EQ(pair.first.min_area, 0.08);
  EXPECT_EQ(pair.first.flip_probability, 0);
  EXPECT_EQ(pair.first.brightness, 0.2);
  EXPECT_EQ(pair.second.jitter_probability, 0.9);
  EXPECT_EQ(pair.second.grey_probability, 0.1);
  EXPECT_EQ(late_probabilities(pair), (std::vector<double>{0, 0.5, 1, 0}));
  EXPECT_THROW(table.assign("teacher.hue=0.6"), Error);
  EXPECT_THROW(table.assign("teacher.blur=0.5,1.5"), Error);
}

TEST(AugmentationOptions, ListsNameBothViewsOrNone) {
  AugmentationOptions options;
  EXPECT_EQ(complaint(options), "");
  options.blur = {0.5};
  EXPECT_EQ(complaint(options),
            "teacher.blur: expected two probabilities, of the first and the second view, or none "
            "for the algorithm's own, got 1");
  EXPECT_THROW(options.views("byol", 32), Error);
  options.blur = {0.5, 0.5};
  EXPECT_EQ(complaint(options), "");
  options.solarise = {0.1, 0.2, 0.3};
  EXPECT_EQ(complaint(options).rfind("teacher.solarise: ", 0), 0U) << complaint(options);
}

}  // namespace
}  // namespace mkdt
