#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/random.h"
#include "mkdt/expert/distilled_expert.h"
#include "mkdt/io/checksum.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/nn/convnet.h"
#include "mkdt/nn/regression.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

ImageSet random_images(int64_t count) {
  at::Generator generator = make_generator(1, "test/images");
  ImageSet set;
  set.name = "random";
  set.images = torch::randint(256, {count, 3, 8, 8}, generator, torch::kFloat32).to(torch::kUInt8);
  set.normalisation = {{0.5F, 0.5F, 0.5F}, {0.25F, 0.25F, 0.25F}};
  return set;
}

ConvNetShape small_shape() { return {3, 8, 4, 2, 5}; }

class RecorderTest : public ::testing::Test {
 protected:
  RecorderTest() {
    at::Generator generator = make_generator(1, "test/targets");
    targets_ = torch::randn({20, 5}, generator);
    options_.batch = 8;
    options_.count = 2;
  }
  ExpertCourse course(int64_t epochs) const {
    return distilled_experts(
        {network_, images_, targets_, epochs, options_, /*seed=*/3, torch::kCPU});
  }

  NetworkPtr network_ = std::make_shared<ConvNet>(small_shape());
  ImageSet images_ = random_images(20);
  torch::Tensor targets_;
  ExpertOptions options_;
  testing::TemporaryFolder folder_;
  Observer silent_;
};

TEST_F(RecorderTest, RecordsInitialisationAndEveryEpoch) {
  const ExpertTrajectory trajectory = record_expert(course(3), 0);
  EXPECT_EQ(trajectory.epochs(), 3);
  EXPECT_EQ(trajectory.thetas.size(1), network_->layout().size());
  ASSERT_EQ(trajectory.losses.size(), 3U);
  EXPECT_LT(trajectory.losses[2], trajectory.losses[0]);
  // A shorter recording is the beginning of a longer one.
  EXPECT_TRUE(torch::equal(record_expert(course(1), 0).thetas, trajectory.thetas.slice(0, 0, 2)));
}

TEST_F(RecorderTest, DependsOnSeedAndIndexAlone) {
  const torch::Tensor first = record_expert(course(1), 0).thetas;
  EXPECT_TRUE(torch::equal(record_expert(course(1), 0).thetas, first));
  EXPECT_FALSE(torch::equal(record_expert(course(1), 1).thetas[0], first[0]));
}

TEST_F(RecorderTest, StoreGivesBackWhatWasRecorded) {
  const TrajectoryStore store(folder_.path(), options_.count);
  record_experts(course(2), store, "key", /*minutes=*/0, silent_);
  const ExpertTrajectory read = store.open(1, *network_, 2);
  const ExpertTrajectory expected = record_expert(course(2), 1);
  EXPECT_TRUE(torch::equal(read.thetas, expected.thetas));
  EXPECT_TRUE(torch::equal(read.theta(2, torch::kCPU), expected.thetas[2]));
  EXPECT_EQ(read.losses, expected.losses);
}

TEST_F(RecorderTest, Bfloat16KeepsThreeDigits) {
  options_.dtype = "bfloat16";
  const torch::Tensor rounded = record_expert(course(1), 0).theta(1, torch::kCPU);
  options_.dtype = "float32";
  const torch::Tensor exact = record_expert(course(1), 0).theta(1, torch::kCPU);
  EXPECT_EQ(rounded.scalar_type(), torch::kFloat32);
  EXPECT_TRUE(torch::allclose(rounded, exact, 1e-2, 1e-6));
}

TEST_F(RecorderTest, KeepsExpertsOfTheSameKeyAndRedoesOthers) {
  const TrajectoryStore store(folder_.path(), options_.count);
  record_experts(course(1), store, "key", /*minutes=*/0, silent_);
  const auto written = std::filesystem::last_write_time(store.path(0));
  write_text_atomically(store.path(1), "damaged");
  record_experts(course(1), store, "key", /*minutes=*/0, silent_);
  EXPECT_EQ(std::filesystem::last_write_time(store.path(0)), written);
  EXPECT_TRUE(store.has(1, "key"));
  EXPECT_FALSE(store.has(0, "another key"));
  EXPECT_FALSE(store.has(2, "key"));
}

// Wants a stop at the n-th question.
class Stopper : public Observer {
 public:
  explicit Stopper(int64_t questions) : left_(questions) {}
  bool stop_wanted() const override { return --left_ <= 0; }
  void info(const std::string& message) override { said += message + "\n"; }
  void warn(const std::string& message) override { warned += message + "\n"; }
  std::string said, warned;

 private:
  mutable int64_t left_;
};

TEST_F(RecorderTest, GoesOnFromTheStepThatItWasStoppedAfterToTheSameBits) {
  const TrajectoryStore whole(folder_ / "whole", 2), stopped(folder_ / "stopped", 2);
  record_experts(course(2), whole, "key", 0, silent_);
  int64_t stops = 0;
  std::string said;
  for (bool done = false; !done;) {  // 3 batches an epoch
    Stopper observer(2);
    try {
      record_experts(course(2), stopped, "key", 0, observer);
      done = true;
    } catch (const Stopped&) {
      ASSERT_LT(++stops, 20);
    }
    said += observer.said;
    EXPECT_EQ(observer.warned, "");
  }
  EXPECT_GE(stops, 5);
  EXPECT_NE(said.find("experts: expert 1 resumes at epoch "), std::string::npos) << said;
  for (const int64_t index : {0, 1}) {
    EXPECT_EQ(file_checksum(stopped.path(index)), file_checksum(whole.path(index))) << index;
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "stopped/checkpoint.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "stopped/checkpoint.previous.safetensors"));
}

TEST_F(RecorderTest, ADamagedValueIsNoticed) {
  const TrajectoryStore store(folder_.path(), 1);
  record_experts(course(1), store, "key", 0, silent_);
  std::string bytes = read_text(store.path(0));
  bytes[bytes.size() - 20] = static_cast<char>(bytes[bytes.size() - 20] ^ 1);
  write_text_atomically(store.path(0), bytes);
  EXPECT_FALSE(store.has(0, "key"));
}

TEST_F(RecorderTest, OpeningChecksArchitectureAndLength) {
  const TrajectoryStore store(folder_.path(), 1);
  store.write(0, record_expert(course(1), 0), "key");
  ConvNetShape wider = small_shape();
  wider.width = 6;
  try {
    store.open(0, ConvNet(wider), 1);
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("expert_0000"), std::string::npos) << message;
    EXPECT_NE(message.find("width 4, expected 6"), std::string::npos) << message;
  }
  EXPECT_THROW(store.open(0, *network_, 2), Error);
  EXPECT_THROW(store.open(1, *network_, 1), Error);
}

TEST_F(RecorderTest, DivergenceNamesTheOption) {
  options_.lr = 1e3;
  options_.momentum = 0.99;
  try {
    record_expert(course(30), 0);
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("lower experts.lr"), std::string::npos) << message;
    EXPECT_NE(message.find("not finite in step "), std::string::npos) << message;
    EXPECT_NE(message.find("of expert 0"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace mkdt
