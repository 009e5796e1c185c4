#include <gtest/gtest.h>

#include "mkdt/io/durable_file.h"
#include "mkdt/run/run_log.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

TEST(LiveFiles, ProgressIsThereFromTheFirstStepOfATaskAndGoesWithIt) {
  const TemporaryFolder folder;
  LiveFiles live(folder.path());
  EXPECT_FALSE(read_live_progress(folder.path()));
  live.begin("teacher", 100, "images");
  live.advance(10, "loss 3");
  const auto progress = read_live_progress(folder.path());
  ASSERT_TRUE(progress);
  EXPECT_EQ(progress->task, "teacher");
  EXPECT_EQ(progress->unit, "images");
  EXPECT_EQ(progress->note, "loss 3");
  EXPECT_EQ(progress->done, 10);
  EXPECT_EQ(progress->total, 100);
  live.end_progress();
  EXPECT_FALSE(fs::exists(folder / "live"));
  live.begin("embed", 5, "images");
  live.advance(1, "");
  EXPECT_EQ(read_live_progress(folder.path())->task, "embed");
}

TEST(LiveFiles, WhatAnEarlierRunHasDoneIsNoPartOfTheRate) {
  const TemporaryFolder folder;
  LiveFiles live(folder.path());
  live.begin("distill", 1000, "iterations");
  live.advance(900, "");
  EXPECT_EQ(read_live_progress(folder.path())->rate, 0);
}

TEST(LiveFiles, ImagesComeBackWithTheirStep) {
  const TemporaryFolder folder;
  LiveFiles live(folder.path());
  const torch::Tensor pixels = torch::arange(48, torch::kUInt8).reshape({1, 3, 4, 4});
  live.images("distill", 7, pixels);
  const auto images = read_live_images(folder.path(), "distill");
  ASSERT_TRUE(images);
  EXPECT_EQ(images->step, 7);
  EXPECT_TRUE(torch::equal(images->pixels, pixels));
  EXPECT_FALSE(read_live_images(folder.path(), "krr-st"));
  live.remove();
  EXPECT_FALSE(read_live_images(folder.path(), "distill"));
}

TEST(LiveFiles, ThatCannotBeWrittenAreNoError) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "live", "a file has its name");
  LiveFiles live(folder.path());
  live.begin("teacher", 100, "images");
  live.advance(1, "");
  live.images("distill", 7, torch::zeros({1, 3, 4, 4}, torch::kUInt8));
  EXPECT_FALSE(read_live_progress(folder.path()));
}

TEST(LiveFiles, OthersContentsAreNothing) {
  const TemporaryFolder folder;
  for (const char* text : {"", "[]", "{\"task\":1}", "nonsense"}) {
    write_text_atomically(folder / "live" / "progress.json", text);
    write_text_atomically(folder / "live" / "distill.safetensors", text);
    EXPECT_FALSE(read_live_progress(folder.path())) << text;
    EXPECT_FALSE(read_live_images(folder.path(), "distill")) << text;
  }
}

}  // namespace
}  // namespace mkdt
