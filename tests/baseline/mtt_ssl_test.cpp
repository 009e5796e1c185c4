#include "mkdt/baseline/mtt_ssl.h"

#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/distill/trajectory_task.h"
#include "tests/baseline/ssl_fixture.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

using testing::gratings;
using testing::tiny_network;
using testing::tiny_ssl;

// A few inner steps on views, in float64.
class SslMetaGradient : public ::testing::Test {
 protected:
  SslMetaGradient() {
    theta_start_ = away_from(student_.initialise(generator_));
    theta_target_ = away_from(student_.initialise(generator_));
    images_ = normal({6, 3, 8, 8});
    for (int i = 0; i < 3; ++i) {
      batches_.push_back(torch::randperm(6, generator_, torch::kInt64).slice(0, 0, 5));
    }
    loss_ = ssl_inner_loss(tiny_ssl(), 8, {{0.5F, 0.4F, 0.4F}, {0.2F, 0.3F, 0.3F}})(batches_,
                                                                                    generator_);
  }

  torch::Tensor normal(std::vector<int64_t> shape) {
    return torch::randn(shape, generator_, torch::kFloat64);
  }
  torch::Tensor away_from(const torch::Tensor& theta) {
    return theta.to(torch::kFloat64) + 0.1 * normal({theta.size(0)});
  }
  InnerProblem problem() const {
    return {student_, theta_start_, images_, torch::zeros({6, 0}, torch::kFloat64),
            0.05,     batches_,     loss_};
  }
  OuterObjective matching() const { return matching_loss(theta_start_, theta_target_); }

  at::Generator generator_ = make_generator(1, "test");
  SslStudent student_{tiny_network(), tiny_ssl()};
  torch::Tensor theta_start_, theta_target_, images_;
  std::vector<torch::Tensor> batches_;
  InnerLoss loss_;
};

TEST_F(SslMetaGradient, IsThatOfTheUnrolledGraph) {
  const MetaGradient found = autograd_meta_gradient(problem(), matching());
  const MetaGradient expected = unrolled_meta_gradient(problem(), matching());
  const auto error = [](const torch::Tensor& a, const torch::Tensor& b) {
    return ((a - b).norm() / b.norm()).item<double>();
  };
  EXPECT_NEAR(found.loss, expected.loss, 1e-12);
  EXPECT_LE(error(found.images, expected.images), 1e-9);
  EXPECT_LE(error(found.theta_final, expected.theta_final), 1e-10);
  EXPECT_NEAR(found.lr, expected.lr, 1e-9 * std::abs(expected.lr));
  EXPECT_EQ(found.inner_losses.size(), 3U);
  EXPECT_EQ(found.targets.sizes(), torch::IntArrayRef({6, 0}));
  EXPECT_EQ(expected.targets.sizes(), torch::IntArrayRef({6, 0}));
}

TEST_F(SslMetaGradient, IsThatOfFiniteDifferences) {
  const MetaGradient found = autograd_meta_gradient(problem(), matching());
  const auto value = [&](const torch::Tensor& images, double lr) {
    InnerProblem moved = problem();
    moved.images = images;
    moved.lr = lr;
    return autograd_meta_gradient(moved, matching()).loss;
  };
  for (int i = 0; i < 3; ++i) {
    const torch::Tensor along = normal({6, 3, 8, 8});
    testing::expect_slope([&](double t) { return value(images_ + t * along, 0.05); },
                          (found.images * along).sum().item<double>());
  }
  testing::expect_slope([&](double t) { return value(images_, 0.05 + t); }, found.lr);
}

TEST_F(SslMetaGradient, HasNoNativeEngine) {
  const NetworkPtr convnet = tiny_network();
  const torch::Tensor theta = away_from(convnet->initialise(generator_));
  const InnerProblem problem = {*convnet, theta,    images_, torch::zeros({6, 0}, torch::kFloat64),
                                0.05,     batches_, loss_};
  const OuterObjective objective = matching_loss(theta, theta + 1);
  EXPECT_THROW(native_meta_gradient(problem, objective), Error);
  EXPECT_TRUE(torch::equal(fastest_meta_gradient(problem, objective).images,
                           autograd_meta_gradient(problem, objective).images));
}

class MttSslTest : public ::testing::Test {
 protected:
  MttSslTest() {
    options_.experts = 2;
    options_.train_batch = 12;
    options_.projector_hidden = 7;
    options_.projector_output = 6;
    options_.matching.iterations = 4;
    options_.matching.syn_steps = 3;
    options_.matching.batch = 8;
    options_.matching.syn_lr = 0.1;
    options_.matching.checkpoint_every = 2;
  }

  LearnedSet run(const std::string& folder, const std::string& key = "key",
                 Observer* observer = nullptr) {
    Observer silent;
    const MttSsl mtt = {tiny_network(), images_,          options_,  5,
                        torch::kCPU,    folder_ / folder, "experts", plan(folder, key)};
    SyntheticSet start;
    start.images = images_.normalised(torch::arange(8), torch::kCPU);
    return mtt_ssl(mtt, start, observer != nullptr ? *observer : silent);
  }

  CheckpointPlan plan(const std::string& folder, const std::string& key) const {
    return {folder_ / folder / "checkpoint.safetensors", key, options_.matching.checkpoint_every};
  }

  ImageSet images_ = gratings(40, 8, 1);
  MttSslOptions options_;
  testing::TemporaryFolder folder_;
};

void expect_equal(const LearnedSet& a, const LearnedSet& b) {
  EXPECT_TRUE(torch::equal(a.set.images, b.set.images));
  EXPECT_EQ(a.set.syn_lr, b.set.syn_lr);
  EXPECT_EQ(a.losses, b.losses);
}

double mean(const std::vector<double>& values, size_t begin, size_t end) {
  double sum = 0;
  for (size_t i = begin; i < end; ++i) sum += values[i];
  return sum / static_cast<double>(end - begin);
}

TEST_F(MttSslTest, LowersTheMatchingLoss) {
  options_.matching.iterations = 240;
  const LearnedSet state = run("a");
  EXPECT_LT(mean(state.losses, 180, 240), 0.95 * mean(state.losses, 0, 60));
  EXPECT_EQ(state.set.images.sizes(), torch::IntArrayRef({8, 3, 8, 8}));
  EXPECT_EQ(state.set.targets.sizes(), torch::IntArrayRef({8, 0}));
}

TEST_F(MttSslTest, ExpertsLearn) {
  options_.matching.expert_epochs = 12;
  Observer silent;
  const MttSsl mtt = {tiny_network(), images_, options_, 5, torch::kCPU, folder_ / "a", "", {}};
  const ExpertTrajectory expert = record_expert(ssl_experts(mtt), 0);
  ASSERT_EQ(expert.epochs(), 13);  // a second start
  EXPECT_LT(expert.losses.back(), 0.9 * expert.losses.front());
  EXPECT_TRUE(torch::equal(expert.thetas, record_expert(ssl_experts(mtt), 0).thetas));
  EXPECT_FALSE(torch::equal(expert.thetas, record_expert(ssl_experts(mtt), 1).thetas));
}

class Notes : public Observer {
 public:
  void advance(int64_t /*done*/, const std::string& note) override { said += note + "\n"; }
  void info(const std::string& message) override { said += message + "\n"; }
  std::string said;
};

TEST_F(MttSslTest, GoesOnToTheSameBits) {
  const LearnedSet whole = run("whole");
  options_.matching.iterations = 2;
  run("part");
  // One of the experts was not yet there when the run stopped.
  std::filesystem::remove(folder_ / "part/experts/expert_0001.safetensors");
  options_.matching.iterations = 4;
  Notes notes;
  expect_equal(run("part", "key", &notes), whole);
  EXPECT_NE(notes.said.find("already there"), std::string::npos) << notes.said;
  EXPECT_NE(notes.said.find("mtt_ssl: resumes at iteration 2"), std::string::npos) << notes.said;
}

TEST_F(MttSslTest, StartsOverForAnotherKey) {
  const LearnedSet first = run("a");
  Notes notes;
  expect_equal(run("a", "another key", &notes), first);
  EXPECT_EQ(notes.said.find("resumes"), std::string::npos) << notes.said;
  EXPECT_NE(notes.said.find("already there"), std::string::npos) << notes.said;
}

TEST_F(MttSslTest, NamesItsOwnOptionsWhenItFails) {
  options_.matching.syn_lr = 1e38;
  try {
    run("a");
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("mtt_ssl.syn_lr"), std::string::npos) << error.what();
  }
}

TEST_F(MttSslTest, NamesTheRateOfAnExpertThatDiverges) {
  options_.train_lr = 1e6;
  options_.train_weight_decay = 1;
  options_.matching.expert_epochs = 60;
  try {
    run("a");
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("mtt_ssl.train_lr"), std::string::npos)
        << error.what();
    EXPECT_NE(std::string(error.what()).find("not finite in step "), std::string::npos)
        << error.what();
    EXPECT_NE(std::string(error.what()).find("of expert 0"), std::string::npos) << error.what();
  }
}

TEST_F(MttSslTest, NeedsTwoImages) {
  Observer silent;
  const MttSsl mtt = {tiny_network(), images_, options_, 5, torch::kCPU, folder_ / "a", "", {}};
  SyntheticSet start;
  start.images = torch::zeros({1, 3, 8, 8});
  EXPECT_THROW(mtt_ssl(mtt, start, silent), Error);
}

}  // namespace
}  // namespace mkdt
