#include "mkdt/io/checkpoint.h"

#include <thread>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/io/durable_file.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;

class Warnings : public Observer {
 public:
  void warn(const std::string& message) override { said.push_back(message); }
  std::vector<std::string> said;
};

class CheckpointTest : public ::testing::Test {
 protected:
  TensorFile state(double value) const {
    TensorFile file;
    file.tensors["value"] = torch::full({1000}, value, torch::kFloat64);
    return file;
  }
  // The value that is gone on from, or -1.
  double resumed(const std::string& key = "key") {
    double value = -1;
    Checkpoints(plan(key)).resume(
        [&](const TensorFile& file) { value = file.tensor("value")[0].item<double>(); }, warnings_);
    return value;
  }
  CheckpointPlan plan(const std::string& key = "key") const { return {path_, key}; }
  void damage(const fs::path& path) const {
    std::string bytes = read_text(path);
    bytes[bytes.size() - 100] = static_cast<char>(bytes[bytes.size() - 100] ^ 1);
    write_text_atomically(path, bytes);
  }

  testing::TemporaryFolder folder_;
  fs::path path_ = folder_ / "a.safetensors";
  Warnings warnings_;
};

TEST_F(CheckpointTest, TheNewestCounts) {
  EXPECT_EQ(resumed(), -1);
  Checkpoints checkpoints(plan());
  for (const double value : {1., 2., 3.}) {
    checkpoints.write(state(value));
    EXPECT_EQ(resumed(), value);
  }
  EXPECT_TRUE(warnings_.said.empty());
  checkpoints.remove();
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(CheckpointTest, OneFlippedBitFallsBackToTheOneBeforeAndSaysSo) {
  Checkpoints checkpoints(plan());
  checkpoints.write(state(1));
  checkpoints.write(state(2));
  damage(path_);
  EXPECT_EQ(resumed(), 1);
  ASSERT_EQ(warnings_.said.size(), 2U);
  EXPECT_NE(warnings_.said[0].find("a.safetensors: damaged"), std::string::npos);
  EXPECT_NE(warnings_.said[1].find("a.previous.safetensors"), std::string::npos);
  damage(previous_of(path_));
  EXPECT_EQ(resumed(), -1);
}

// What is damaged does not take the place of the one that was gone on from.
TEST_F(CheckpointTest, AFailingWriteAfterADamagedOneLosesNothing) {
  Checkpoints checkpoints(plan());
  checkpoints.write(state(1));
  checkpoints.write(state(2));
  damage(path_);
  EXPECT_EQ(resumed(), 1);
  fs::create_directory(folder_ / "a.next.safetensors");  // in the way of the next version
  EXPECT_THROW(checkpoints.write(state(3)), Error);
  EXPECT_EQ(resumed(), 1);
  fs::remove(folder_ / "a.next.safetensors");
  checkpoints.write(state(3));
  EXPECT_EQ(resumed(), 3);
  damage(path_);
  EXPECT_EQ(resumed(), 1);
}

TEST_F(CheckpointTest, ATruncatedOneFallsBackToo) {
  Checkpoints checkpoints(plan());
  checkpoints.write(state(1));
  checkpoints.write(state(2));
  fs::resize_file(path_, 100);
  EXPECT_EQ(resumed(), 1);
}

TEST_F(CheckpointTest, WhatCannotBeRestoredFallsBackToo) {
  Checkpoints checkpoints(plan());
  checkpoints.write(state(1));
  checkpoints.write(state(2));
  double value = -1;
  EXPECT_TRUE(checkpoints.resume(
      [&](const TensorFile& file) {
        const double found = file.tensor("value")[0].item<double>();
        if (found == 2) throw Error("no");
        value = found;
      },
      warnings_));
  EXPECT_EQ(value, 1);
}

TEST_F(CheckpointTest, AnotherKeyIsNotUsed) {
  Checkpoints(plan("other")).write(state(1));
  EXPECT_EQ(resumed(), -1);
  ASSERT_EQ(warnings_.said.size(), 1U);
  EXPECT_NE(warnings_.said[0].find("starting over"), std::string::npos);
  Checkpoints(plan()).write(state(2));
  EXPECT_EQ(resumed(), 2);
  EXPECT_EQ(resumed("other"), 1);  // set back, the one before is of this key
}

TEST_F(CheckpointTest, IsDueBySteps) {
  const Checkpoints checkpoints({path_, "key", /*every=*/3});
  EXPECT_FALSE(checkpoints.due(1));
  EXPECT_TRUE(checkpoints.due(3));
  EXPECT_FALSE(checkpoints.due(4));
  EXPECT_FALSE(Checkpoints({{}, "key", 3}).due(3));
}

TEST_F(CheckpointTest, IsDueByTime) {
  Checkpoints checkpoints({path_, "key", 0, /*minutes=*/0.05 / 60});
  EXPECT_FALSE(Checkpoints({path_, "key", 0, 10}).due(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  EXPECT_TRUE(checkpoints.due(1));
  checkpoints.write(state(1));
  EXPECT_FALSE(checkpoints.due(2));
}

}  // namespace
}  // namespace mkdt
