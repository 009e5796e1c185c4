#include "mkdt/ssl/teacher_options.h"

#include <gtest/gtest.h>

#include "mkdt/base/error.h"

namespace mkdt {
namespace {

TEST(TeacherOptions, DeclareTheDefaults) {
  TeacherOptions options;
  OptionTable table;
  OptionSection section = table.section("teacher");
  options.declare(section);
  table.assign("teacher.width=16");
  EXPECT_EQ(options.training.backbone.width, 16);
  const std::string text = options_text("teacher", options.training);
  options.training.backbone.width = 64;
  table.read_toml(text, "the text");
  EXPECT_EQ(options.training.backbone.width, 16);
  EXPECT_EQ(option_entries(options.training).at("teacher.width"), "16");
  EXPECT_EQ(option_entries(options.training).count("teacher.embed_batch"), 0U);
  EXPECT_THROW(table.assign("teacher.algorithm=magic"), Error);
  EXPECT_THROW(table.assign("teacher.width=-1"), Error);
}

TEST(TeacherOptions, RejectWhatDoesNotGoTogether) {
  TeacherOptions options;
  EXPECT_NO_THROW(options.check());
  options.outside.representations = "a.npy";
  options.outside.torchscript = "b.pt";
  EXPECT_THROW(options.check(), Error);
  options.outside.representations = "";
  EXPECT_NO_THROW(options.check());
  options.outside.input_mean = {0.5, 0.5, 0.5};
  EXPECT_THROW(options.check(), Error);
  options.outside.input_std = {0.2, 0.2};
  EXPECT_THROW(options.check(), Error);
  options.outside.input_std = {0.2, 0.2, 0.2};
  EXPECT_NO_THROW(options.check());
  options.training.augmentation.blur = {0.5};
  EXPECT_THROW(options.check(), Error);
  options.training.augmentation.blur = {};
  options.training.backbone.architecture = "convnet";
  options.training.precision = "bfloat16";
  EXPECT_THROW(options.check(), Error);
  options.training.precision = "float32";
  EXPECT_NO_THROW(options.check());
}

TEST(TeacherOptions, RejectWhatHasNoEffect) {
  TeacherOptions options;
  options.outside.input_size = 64;
  EXPECT_THROW(options.check(), Error);
  options.outside.torchscript = "encoder.pt";
  EXPECT_NO_THROW(options.check());
  options.outside.test_representations = "test.npy";
  EXPECT_THROW(options.check(), Error);
}

}  // namespace
}  // namespace mkdt
