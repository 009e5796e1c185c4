#include "mkdt/distill/distiller.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/random.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/distill/representation_task.h"
#include "mkdt/distill/trajectory_task.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/nn/convnet.h"
#include "mkdt/nn/regression.h"
#include "tests/fixtures/stopper.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

using testing::Stopper;

class DistillerTest : public ::testing::Test {
 protected:
  DistillerTest() {
    options_.iterations = 6;
    options_.syn_steps = 3;
    options_.batch = 4;
    options_.syn_lr = 0.05;
    options_.checkpoint_every = 2;
    record_experts();
  }

  // Students that really learn something: a few steps on random images.
  void record_experts() {
    at::Generator generator = make_generator(1, "test");
    images_ = torch::randn({6, 3, 8, 8}, generator);
    targets_ = torch::randn({6, 4}, generator);
    for (int64_t index = 0; index < store_.count(); ++index) {
      Student student;
      student.theta = network_->initialise(generator);
      std::vector<torch::Tensor> thetas = {student.theta};
      for (int epoch = 0; epoch < 3; ++epoch) {
        for (int step = 0; step < 5; ++step) {
          sgd_step(*network_, student, images_, targets_, {0.05, 0.9, 0});
        }
        thetas.push_back(student.theta);
      }
      store_.write(index, {network_, torch::stack(thetas), {1, 1, 1}}, "key");
    }
  }

  LearnedSet run(const std::string& checkpoint = "checkpoint.safetensors",
                 Observer* observer = nullptr) {
    Observer silent;
    const Distillation distillation = {
        network_,
        options_,
        /*seed=*/5,
        torch::kCPU,
        {folder_ / checkpoint, "key", options_.checkpoint_every},
        task_ ? task_ : trajectory_tasks(*network_, store_, options_, torch::kCPU)};
    // Other images than the experts saw, so that there is something to learn.
    SyntheticSet start;
    start.images = images_.flip(0) * 0.5;
    start.targets = targets_.flip(0);
    start.syn_lr = options_.syn_lr;
    return distill(distillation, start, observer != nullptr ? *observer : silent);
  }

  NetworkPtr network_ = std::make_shared<ConvNet>(ConvNetShape{3, 8, 4, 2, 4});
  torch::Tensor images_;
  torch::Tensor targets_;
  testing::TemporaryFolder folder_;
  TrajectoryStore store_{folder_ / "experts", 2};
  DistillOptions options_;
  DrawOuterTask task_;  // none: trajectories
  Observer never_;      // wants to stop
};

class Warnings : public Observer {
 public:
  void info(const std::string& message) override { said += message + "\n"; }
  void warn(const std::string& message) override { messages.push_back(message); }
  std::vector<std::string> messages;
  std::string said;
};

void expect_equal(const LearnedSet& a, const LearnedSet& b) {
  EXPECT_TRUE(torch::equal(a.set.images, b.set.images));
  EXPECT_TRUE(torch::equal(a.set.targets, b.set.targets));
  EXPECT_EQ(a.set.syn_lr, b.set.syn_lr);
  EXPECT_EQ(a.losses, b.losses);
}

double mean(const std::vector<double>& values, size_t begin, size_t end) {
  double sum = 0;
  for (size_t i = begin; i < end; ++i) sum += values[i];
  return sum / static_cast<double>(end - begin);
}

TEST_F(DistillerTest, LowersTheMatchingLoss) {
  for (const char* optimiser : {"adam", "sgd"}) {
    options_.optimiser = optimiser;
    options_.iterations = 60;
    options_.lr_images = options_.optimiser == "adam" ? 0.02 : 10;
    options_.lr_targets = options_.optimiser == "adam" ? 0.02 : 1;
    options_.lr_syn_lr = options_.optimiser == "adam" ? 0.02 : 1e-3;
    const std::vector<double> losses = run(optimiser).losses;
    EXPECT_LT(mean(losses, 50, 60), 0.9 * mean(losses, 0, 10)) << optimiser;
  }
}

TEST_F(DistillerTest, LowersTheRepresentationLoss) {
  const RegressionSet real = regression_set(images_, targets_, torch::kCPU);
  task_ = representation_tasks(*network_, real, options_, never_);
  options_.max_free_steps = 4;
  options_.real_batch = 6;
  options_.iterations = 80;
  options_.lr_images = options_.lr_targets = options_.lr_syn_lr = 0.02;
  const std::vector<double> losses = run().losses;
  EXPECT_LT(mean(losses, 70, 80), 0.9 * mean(losses, 0, 10));
}

TEST_F(DistillerTest, RepresentationMatchingGoesOnToTheSameBits) {
  const RegressionSet real = regression_set(images_, targets_, torch::kCPU);
  task_ = representation_tasks(*network_, real, options_, never_);
  options_.syn_momentum = 0.9;
  options_.max_free_steps = 3;
  options_.real_batch = 4;
  const LearnedSet whole = run("whole");
  options_.iterations = 4;
  run("interrupted");
  options_.iterations = 6;
  expect_equal(run("interrupted"), whole);
}

TEST_F(DistillerTest, SameSeedSameBits) {
  const LearnedSet first = run("a");
  expect_equal(first, run("b"));
}

TEST_F(DistillerTest, GoesOnFromACheckpointToTheSameBits) {
  for (const char* optimiser : {"adam", "sgd"}) {
    options_.optimiser = optimiser;
    options_.iterations = 6;
    const LearnedSet whole = run(std::string(optimiser) + " whole");
    const std::string interrupted = std::string(optimiser) + " interrupted";
    options_.iterations = 4;
    run(interrupted);
    options_.iterations = 6;
    expect_equal(run(interrupted), whole);
  }
}

TEST_F(DistillerTest, FewerIterationsThanTheCheckpointHasAreRefused) {
  const LearnedSet longer = run("a");
  options_.iterations = 3;
  try {
    run("a");
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("distill.iterations: 3, but "), std::string::npos) << message;
    EXPECT_NE(message.find(" has 6 already"), std::string::npos) << message;
  }
  options_.iterations = 6;
  expect_equal(run("a"), longer);  // it is still there
}

TEST_F(DistillerTest, AnUpdateThatIsNotFiniteIsTakenBack) {
  options_.optimiser = "sgd";
  options_.lr_images = 1e38;  // times the gradient: beyond float32
  options_.lr_targets = options_.lr_syn_lr = 0;
  Warnings warnings;
  try {
    EXPECT_TRUE(run("a", &warnings).set.images.isfinite().all().item<bool>());
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("lr_images"), std::string::npos) << error.what();
  }
  const DistillProgress saved = distill_progress(read_safetensors(folder_ / "a"), torch::kCPU);
  EXPECT_TRUE(saved.state.images.isfinite().all().item<bool>());
}

TEST_F(DistillerTest, AForeignCheckpointIsNotUsed) {
  const LearnedSet whole = run("a");
  Checkpoints other({folder_ / "b", "another key"});
  DistillProgress progress = distill_progress(read_safetensors(folder_ / "a"), torch::kCPU);
  progress.generator = make_generator(1, "other");
  other.write(to_tensors(progress));
  Warnings warnings;
  expect_equal(run("b", &warnings), whole);
  ASSERT_EQ(warnings.messages.size(), 1U);
  EXPECT_NE(warnings.messages[0].find("starting over"), std::string::npos) << warnings.messages[0];
}

TEST_F(DistillerTest, ADamagedCheckpointFallsBackToTheOneBefore) {
  const LearnedSet whole = run("a");
  std::string bytes = read_text(folder_ / "a");
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  write_text_atomically(folder_ / "a", bytes);
  Warnings warnings;
  expect_equal(run("a", &warnings), whole);
  ASSERT_EQ(warnings.messages.size(), 2U);
  EXPECT_NE(warnings.messages[0].find("damaged"), std::string::npos) << warnings.messages[0];
  EXPECT_NE(warnings.messages[1].find("a.previous"), std::string::npos) << warnings.messages[1];
  EXPECT_EQ(warnings.said, "distill: resumes at iteration 4\n");
}

// Questions of an iteration: before each step, forward and back, and at its end.
int64_t questions_of_an_iteration(const DistillOptions& options) {
  return 2 * options.syn_steps + 1;
}

TEST_F(DistillerTest, StopsAfterAnyStepAndGoesOnToTheSameBits) {
  options_.checkpoint_every = 0;
  const LearnedSet whole = run("whole");
  for (int64_t iteration = 1; iteration < options_.iterations; ++iteration) {
    Stopper stopper(questions_of_an_iteration(options_));
    EXPECT_THROW(run("stopped", &stopper), Stopped);
  }
  Warnings last;
  expect_equal(run("stopped", &last), whole);
  EXPECT_EQ(last.said, "distill: resumes at iteration 5\n");
}

// An iteration of the published size takes half a minute.
TEST_F(DistillerTest, StopsWithinAnIterationWhichThenBeginsAnew) {
  options_.checkpoint_every = 0;
  for (const char* engine : {"native", "autograd"}) {
    options_.engine = engine;
    const std::string name = engine;
    Stopper patient;
    const LearnedSet whole = run(name, &patient);
    EXPECT_EQ(patient.questions(), options_.iterations * questions_of_an_iteration(options_));
    for (int64_t question = 1; question < patient.questions(); question += 3) {
      const std::string stopped = name + std::to_string(question);
      Stopper stopper(question);
      EXPECT_THROW(run(stopped, &stopper), Stopped);
      expect_equal(run(stopped), whole);
    }
  }
}

TEST_F(DistillerTest, StopsBetweenTheFreeStepsOfRepresentationMatching) {
  options_.checkpoint_every = 0;
  options_.max_free_steps = 5;
  options_.real_batch = 4;
  const RegressionSet real = regression_set(images_, targets_, torch::kCPU);
  const auto run_with = [&](const std::string& checkpoint, Observer& observer) {
    task_ = representation_tasks(*network_, real, options_, observer);
    return run(checkpoint, &observer);
  };
  Stopper patient;
  const LearnedSet whole = run_with("whole", patient);
  EXPECT_GT(patient.questions(), options_.iterations * questions_of_an_iteration(options_));
  for (int64_t question = 1; question < patient.questions(); question += 5) {
    const std::string name = "stopped" + std::to_string(question);
    Stopper stopper(question);
    EXPECT_THROW(run_with(name, stopper), Stopped);
    expect_equal(run_with(name, never_), whole);
  }
}

TEST_F(DistillerTest, ARateOfZeroLeavesItsTensor) {
  options_.lr_targets = 0;
  options_.lr_syn_lr = 0;
  const LearnedSet state = run();
  EXPECT_TRUE(torch::equal(state.set.targets, targets_.flip(0)));
  EXPECT_EQ(state.set.syn_lr, options_.syn_lr);
  EXPECT_FALSE(torch::equal(state.set.images, images_.flip(0) * 0.5));
}

TEST_F(DistillerTest, SynLrStaysPositive) {
  for (const char* optimiser : {"adam", "sgd"}) {
    options_.optimiser = optimiser;
    options_.lr_syn_lr = 100;  // wildly too large
    options_.iterations = 3;
    options_.lr_images = options_.lr_targets = 0;
    const double moved = run(optimiser).set.syn_lr;
    EXPECT_GT(moved, 0) << optimiser;
    EXPECT_NE(moved, options_.syn_lr) << optimiser;
  }
}

TEST_F(DistillerTest, ANonFiniteLossIsTakenBackThenReported) {
  options_.syn_lr = 1e30;  // overflows in the first step
  Warnings warnings;
  try {
    run("checkpoint.safetensors", &warnings);
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("distill.syn_lr"), std::string::npos) << message;
    EXPECT_NE(message.find("checkpoint.safetensors"), std::string::npos) << message;
  }
  EXPECT_GE(warnings.messages.size(), 3U);
  const DistillProgress saved =
      distill_progress(read_safetensors(folder_ / "checkpoint.safetensors"), torch::kCPU);
  EXPECT_TRUE(saved.state.images.isfinite().all().item<bool>());
}

// The first rate, of ever larger ones, at which an update makes the next loss overflow: the update
// is undone, and with halved rates, which the rate before it proves possible, the run ends well.
TEST_F(DistillerTest, RecoversFromAStepThatWasTooLarge) {
  constexpr double kFactor = 16;  // four halvings, of the seven that are tried
  options_.optimiser = "sgd";
  options_.lr_images = options_.lr_syn_lr = 0;
  options_.momentum = 0;
  options_.iterations = 2;
  Warnings warnings;
  LearnedSet state;
  for (options_.lr_targets = 1; warnings.messages.empty(); options_.lr_targets *= kFactor) {
    ASSERT_LT(options_.lr_targets, 1e40) << "nothing overflows";
    state = run(std::to_string(options_.lr_targets), &warnings);
  }
  EXPECT_EQ(static_cast<int64_t>(state.losses.size()), options_.iterations);
  EXPECT_TRUE(state.set.targets.isfinite().all().item<bool>());
  EXPECT_FALSE(torch::equal(state.set.targets, targets_.flip(0)));

  // The state before the update is in the checkpoint too.
  options_.lr_targets /= kFactor;
  Stopper stopper(1);
  EXPECT_THROW(run("stopped", &stopper), Stopped);
  Warnings after_stop;
  expect_equal(run("stopped", &after_stop), state);
  EXPECT_FALSE(after_stop.messages.empty());
  const auto saved = distill_progress(read_safetensors(folder_ / "stopped"), torch::kCPU);
  EXPECT_LT(saved.state.rate_scale, 1);
  EXPECT_NE(warnings.messages.front().find("back to iteration 0"), std::string::npos)
      << warnings.messages.front();
}

TEST_F(DistillerTest, NeedsExpertsThatAreLongEnough) {
  options_.max_start_epoch = 3;
  EXPECT_THROW(run(), Error);
}

}  // namespace
}  // namespace mkdt
