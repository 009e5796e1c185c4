// `mkdt export RUN --encoder|--teacher` and `mkdt embed --images DIR --encoder FILE`.
#include <filesystem>

#include <gtest/gtest.h>

#include "mkdt/base/random.h"
#include "mkdt/data/image_file.h"
#include "mkdt/data/normalisation.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/io/npy.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/nn/encoder.h"
#include "tests/cli/program.h"
#include "tests/stages/tiny_run.h"

namespace mkdt::testing {
namespace {

namespace fs = std::filesystem;

class EncoderFiles : public ::testing::Test {
 protected:
  // One run for all tests.
  static void SetUpTestSuite() {
    shared_ = new TemporaryFolder;
    write_text_atomically(*shared_ / "tiny.toml", tiny_config());
    const ProgramResult result = run_program("run " + (*shared_ / "tiny.toml").string() +
                                             " --out " + (*shared_ / "run").string());
    ASSERT_EQ(result.status, 0) << result.err;
    at::Generator generator = make_generator(4, "test/images");
    for (int i = 0; i < 5; ++i) {
      const torch::Tensor pixels =
          at::randint(0, 256, {3, 16, 16}, generator, torch::TensorOptions(torch::kUInt8));
      write_png(*shared_ / ("images/" + std::to_string(i) + ".png"), pixels);
    }
  }
  static void TearDownTestSuite() {
    delete shared_;
    shared_ = nullptr;
  }

  static std::string path(const std::string& name) { return (*shared_ / name).string(); }

  torch::Tensor rows_by(const std::string& encoder) {
    const ProgramResult result = run_program("embed --images " + path("images") + " --encoder " +
                                             encoder + " --out " + path("rows.npy"));
    EXPECT_EQ(result.status, 0) << result.err;
    return read_npy(path("rows.npy")).clone();
  }

  void expect_complaint(const std::string& arguments, const std::string& part) {
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.status, 2) << arguments;
    EXPECT_NE(result.err.find(part), std::string::npos) << arguments << ": " << result.err;
  }

  static TemporaryFolder* shared_;
};

TemporaryFolder* EncoderFiles::shared_ = nullptr;

void expect_close(const torch::Tensor& got, const torch::Tensor& expected) {
  ASSERT_EQ(got.sizes(), expected.sizes());
  EXPECT_LT((got - expected).abs().max().item<double>(),
            1e-4 * expected.abs().max().item<double>());
}

TEST_F(EncoderFiles, AnyOfThemAppliesToNewImages) {
  // What the encoder says, by hand: normalised as the images of the run were.
  const Encoder encoder = read_encoder(path("run/pretrain/encoder.safetensors"));
  const SyntheticSet set = read_synthetic_set(path("run/distill/distilled.safetensors"));
  EXPECT_EQ(encoder.mean, set.normalisation.mean);
  EXPECT_EQ(encoder.std, set.normalisation.std);
  std::vector<torch::Tensor> pixels;
  for (int i = 0; i < 5; ++i)
    pixels.push_back(read_image(path("images/" + std::to_string(i) + ".png")));
  const torch::Tensor expected =
      encoder.network->features(encoder.theta, set.normalisation.apply(torch::stack(pixels)));
  expect_close(rows_by(path("run/pretrain/encoder.safetensors")), expected);

  const torch::Tensor of_teacher = rows_by(path("run/teacher/teacher.safetensors"));
  EXPECT_EQ(of_teacher.size(0), 5);
  for (const char* format : {"pt", "torchscript", "safetensors"}) {
    for (const char* part : {"--encoder", "--teacher"}) {
      const std::string file = path(std::string("export") + part + format);
      const ProgramResult result =
          run_program("export " + path("run") + " " + part + " --to " + format + " --out " + file);
      ASSERT_EQ(result.status, 0) << result.err;
      EXPECT_NE(result.out.find(file), std::string::npos) << result.out;
      expect_close(rows_by(file), part == std::string("--encoder") ? expected : of_teacher);
    }
  }
}

TEST_F(EncoderFiles, RowsAreRepresentationsOfTheirImages) {
  const ProgramResult result = run_program("embed --images " + path("images") + " --encoder " +
                                           path("run/teacher/teacher.safetensors") +
                                           " --set data.limit=3 --out " + path("rows.safetensors"));
  ASSERT_EQ(result.status, 0) << result.err;
  const TensorFile rows = read_safetensors(path("rows.safetensors"));
  EXPECT_EQ(rows.tensor("representations").size(0), 3);
  EXPECT_NE(rows.text("encoder").find("resnet18 width 4"), std::string::npos);
}

TEST_F(EncoderFiles, FilesOfEarlierVersionsTakeTheirRunsNormalisation) {
  TensorFile old = read_safetensors(path("run/pretrain/encoder.safetensors"));
  old.metadata.erase("mean");
  old.metadata.erase("std");
  write_safetensors(path("old/pretrain/encoder.safetensors"), old);
  expect_complaint("export " + path("old") + " --encoder", "without mean and std");
  fs::create_directories(path("old/distill"));
  fs::copy(path("run/distill/distilled.safetensors"), path("old/distill"));
  // The file alone is known as an encoder's; beside it, a program.
  const ProgramResult result = run_program("export " + path("old/pretrain/encoder.safetensors"));
  ASSERT_EQ(result.status, 0) << result.err;
  expect_close(rows_by(path("old/pretrain/encoder-torchscript.pt")),
               rows_by(path("run/pretrain/encoder.safetensors")));
}

TEST_F(EncoderFiles, WhatIsMissingIsSaid) {
  const std::string encoder = " --encoder " + path("run/pretrain/encoder.safetensors");
  const std::string images = " --images " + path("images");
  expect_complaint("embed", "CONFIG");
  expect_complaint("embed" + images + encoder, "--out");
  expect_complaint("embed" + images + encoder + " --out " + path("rows.csv"), ".npy");
  expect_complaint("embed" + images + " --out " + path("rows.npy"), "--encoder");
  expect_complaint("embed" + encoder + " --out " + path("rows.npy"), "--images");
  expect_complaint("embed " + path("tiny.toml") + images + encoder, "either a CONFIG");
  expect_complaint("embed --images " + path("nowhere") + encoder + " --out " + path("rows.npy"),
                   "nowhere");
  expect_complaint("embed" + images + " --encoder " + path("run/distill/distilled.safetensors") +
                       " --out " + path("rows.npy"),
                   "neither an encoder nor a teacher");
  expect_complaint("export " + path("run") + " --encoder --to npz", "torchscript");
  expect_complaint("export " + path("run") + " --to torchscript", "distilled set");
  expect_complaint("export " + path("run/distill/distilled.safetensors") + " --teacher",
                   "it holds a distilled set");
  expect_complaint("export " + path("images") + " --teacher", "has trained no teacher");
  EXPECT_FALSE(fs::exists(path("rows.csv")));
}

TEST_F(EncoderFiles, NothingOfARunAndNoImageIsReplaced) {
  for (const char* file : {"run/distill/distilled.safetensors", "images/0.png"}) {
    const std::string before = read_text(path(file));
    expect_complaint("export " + path("run") + " --to npz --out " + path(file), "name another");
    EXPECT_EQ(read_text(path(file)), before);
  }
  const std::string teacher = path("run/teacher/teacher.safetensors");
  expect_complaint(
      "embed --images " + path("images") + " --encoder " + teacher + " --out " + teacher,
      "stage 'teacher'");
  expect_complaint("export " + path("images") + " --to npz", "there is no distilled set in it");
}

TEST_F(EncoderFiles, ImagesBesideFoldersAreEmbeddedWithoutLabels) {
  fs::create_directories(path("mix/a"));
  fs::create_directories(path("mix/b"));
  for (const char* to : {"mix/0.png", "mix/a/0.png", "mix/b/0.png"}) {
    fs::copy_file(path("images/0.png"), path(to));
  }
  const ProgramResult result = run_program("embed --images " + path("mix") + " --encoder " +
                                           path("run/pretrain/encoder.safetensors") +
                                           " --set data.labels=false --out " + path("m.npy"));
  EXPECT_EQ(result.status, 0) << result.err;
}

}  // namespace
}  // namespace mkdt::testing
