#include "mkdt/baseline/krr_st.h"

#include <functional>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/random.h"
#include "mkdt/baseline/kernel_ridge.h"
#include "mkdt/nn/convnet.h"
#include "tests/fixtures/stopper.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

// Real images of a few patterns with noise; the teacher is a linear map of them, so that there is
// something to learn from few images.
class KrrStTest : public ::testing::Test {
 protected:
  KrrStTest() {
    options_.steps = 6;
    options_.batch = 16;
    options_.lr = 0.02;
    options_.pool = 3;
    options_.reinitialise_after = 4;
    options_.student_lr = 0.05;
    options_.checkpoint_every = 2;
    real_ = image_set(64, 1);
    held_out_ = image_set(64, 2);
  }

  static ImageSet image_set(int64_t size, uint64_t seed) {
    at::Generator fixed = make_generator(0, "patterns"), generator = make_generator(seed, "images");
    const torch::Tensor patterns = torch::rand({5, 3, 8, 8}, fixed) * 255;
    const torch::Tensor mixture = torch::rand({size, 5}, generator).softmax(1);
    torch::Tensor images = mixture.matmul(patterns.flatten(1)).view({size, 3, 8, 8});
    images = images + 20 * torch::randn({size, 3, 8, 8}, generator);
    ImageSet set;
    set.name = "patterns";
    set.images = images.clamp(0, 255).to(torch::kUInt8);
    set.normalisation = {{0.5F, 0.5F, 0.5F}, {0.2F, 0.2F, 0.2F}};
    return set;
  }
  static torch::Tensor teach(const ImageSet& set) {
    at::Generator generator = make_generator(3, "teacher");
    const torch::Tensor map = torch::randn({3 * 8 * 8, 4}, generator) / 8;
    return set.normalised(torch::kCPU).flatten(1).matmul(map);
  }

  KrrStState run(const std::string& checkpoint = "checkpoint.safetensors",
                 Observer* observer = nullptr, const std::string& key = "key") {
    Observer silent;
    const KrrSt problem = {
        network_,   real_,       teach(real_),
        options_,
        /*seed=*/5, torch::kCPU, {folder_ / checkpoint, key, options_.checkpoint_every}};
    SyntheticSet start;
    start.images = start_images();
    start.targets = start_targets();
    const LearnedSet learned = krr_st(problem, start, observer != nullptr ? *observer : silent);
    // The last checkpoint has all of where it stands.
    KrrStState state = krr_st_progress(read_safetensors(folder_ / checkpoint), torch::kCPU).state;
    EXPECT_TRUE(torch::equal(learned.set.images, state.images));
    EXPECT_TRUE(torch::equal(learned.set.targets, state.targets));
    EXPECT_EQ(learned.losses, state.losses);
    return state;
  }
  torch::Tensor start_images() const {
    return real_.normalised(torch::arange(6, torch::kInt64), torch::kCPU);
  }
  torch::Tensor start_targets() const { return teach(real_).slice(0, 0, 6); }

  // On images that the run has never seen, with students that it has never seen.
  double held_out_loss(const torch::Tensor& images, const torch::Tensor& targets) const {
    double sum = 0;
    for (uint64_t seed = 0; seed < 5; ++seed) {
      at::Generator generator = make_generator(seed, "held out");
      const torch::Tensor theta = network_->initialise(generator);
      sum += krr_st_gradient(*network_, theta, images, targets, held_out_.normalised(torch::kCPU),
                             teach(held_out_), options_.ridge)
                 .loss;
    }
    return sum / 5;
  }

  NetworkPtr network_ = std::make_shared<ConvNet>(ConvNetShape{3, 8, 4, 2, 4});
  ImageSet real_, held_out_;
  KrrStOptions options_;
  testing::TemporaryFolder folder_;
  int runs_ = 0;
};

bool same(const torch::Tensor& a, const torch::Tensor& b) {
  return a.defined() == b.defined() && (!a.defined() || torch::equal(a, b));
}

void expect_equal(const KrrStState& a, const KrrStState& b) {
  EXPECT_TRUE(same(a.images, b.images));
  EXPECT_TRUE(same(a.targets, b.targets));
  EXPECT_EQ(a.losses, b.losses);
  EXPECT_TRUE(same(a.images_moments.second, b.images_moments.second));
  EXPECT_TRUE(same(a.targets_moments.first, b.targets_moments.first));
  ASSERT_EQ(a.pool.size(), b.pool.size());
  for (size_t i = 0; i < a.pool.size(); ++i) {
    EXPECT_EQ(a.pool[i].age, b.pool[i].age) << i;
    EXPECT_TRUE(same(a.pool[i].student.theta, b.pool[i].student.theta)) << i;
    EXPECT_TRUE(same(a.pool[i].student.velocity, b.pool[i].student.velocity)) << i;
  }
}

TEST_F(KrrStTest, LowersTheLossOnHeldOutImages) {
  options_.steps = 200;
  options_.reinitialise_after = 30;
  const KrrStState state = run();
  const double before = held_out_loss(start_images(), start_targets());
  const double after = held_out_loss(state.images, state.targets);
  EXPECT_LT(after, 0.7 * before) << before;
  EXPECT_EQ(state.losses.size(), 200U);
}

TEST_F(KrrStTest, SameSeedSameBits) {
  const KrrStState first = run("a");
  expect_equal(first, run("b"));
}

// Stops a run after a step, as a kill would.
class Interruption : public Observer {
 public:
  explicit Interruption(int64_t step) : step_(step) {}
  void metric(const std::string& /*name*/, int64_t step, double /*value*/) override {
    if (step == step_) throw std::runtime_error("interrupted");
  }
  void info(const std::string& message) override { said += message; }
  std::string said;

 private:
  int64_t step_;
};

TEST_F(KrrStTest, GoesOnFromACheckpointToTheSameBits) {
  options_.steps = 20;  // long enough for students to start anew
  const KrrStState whole = run("whole");
  for (const int64_t stop : {1, 7, 16}) {
    const std::string file = std::to_string(stop);
    Interruption interruption(stop), never(-1);
    EXPECT_THROW(run(file, &interruption), std::runtime_error);
    expect_equal(run(file, &never), whole);
    EXPECT_NE(never.said.find("resumes at step " + std::to_string((stop - 1) / 2 * 2)),
              std::string::npos)
        << never.said;
  }
}

class Stopper : public Observer {
 public:
  bool stop_wanted() const override { return steps_ > 0; }
  void metric(const std::string& /*name*/, int64_t step, double /*value*/) override {
    steps_ = step;
  }

 private:
  int64_t steps_ = 0;
};

TEST_F(KrrStTest, StopsAfterAnyStepAndGoesOnToTheSameBits) {
  const KrrStState whole = run("whole");
  options_.checkpoint_every = 0;
  int64_t stops = 0;
  for (bool done = false; !done;) {
    Stopper stopper;
    try {
      expect_equal(run("stopped", &stopper), whole);
      done = true;
    } catch (const Stopped&) {
      ASSERT_LT(++stops, 10);
    }
  }
  EXPECT_GE(stops, 2);
}

// A student of the pool takes up to a thousand steps before the first one of KRR-ST.
TEST_F(KrrStTest, FillingThePoolAsksWhetherToStopAfterEveryStepOfAStudent) {
  options_.reinitialise_after = 100;
  options_.steps = 1;
  testing::Stopper patient;
  int64_t ages = 0;
  const KrrStState whole = run("whole", &patient);
  for (const PoolStudent& student : whole.pool) ages += student.age;
  EXPECT_GT(ages, 50);
  EXPECT_GE(patient.questions(), ages);
  testing::Stopper stopper(ages / 2);
  EXPECT_THROW(run("stopped", &stopper), Stopped);
}

TEST_F(KrrStTest, AnotherKeyOrADamagedCheckpointStartsOver) {
  const KrrStState whole = run("a");
  Interruption listener(-1);
  expect_equal(run("a", &listener, "another key"), whole);
  EXPECT_EQ(listener.said, "");
  KrrStProgress empty;
  empty.generator = make_generator(1, "other");
  Checkpoints({folder_ / "b", "key"}).write(to_tensors(empty));
  expect_equal(run("b", &listener), whole);
  EXPECT_EQ(listener.said, "");
}

TEST_F(KrrStTest, TheRateFallsLinearlyAndZeroMovesNothing) {
  options_.steps = 4;
  options_.lr = 0;
  const KrrStState still = run("still");
  EXPECT_TRUE(torch::equal(still.images, start_images()));
  EXPECT_TRUE(torch::equal(still.targets, start_targets()));
  // Adam's first step is as long as the rate.
  options_.steps = 1;
  options_.lr = 0.02;
  const torch::Tensor moved = (run("moved").targets - start_targets()).abs();
  EXPECT_NEAR(moved.max().item<double>(), 0.02, 1e-4);
  // Weight decay comes off the value itself.
  options_.weight_decay = 1;
  const torch::Tensor shrunk = run("shrunk").images - run("moved").images;
  EXPECT_TRUE(torch::allclose(shrunk, -0.02 * start_images(), 1e-3, 1e-5));
}

TEST_F(KrrStTest, StudentsGrowOldAndStartAnew) {
  options_.steps = 60;
  const KrrStState state = run();
  int64_t oldest = 0;
  for (const PoolStudent& student : state.pool) {
    EXPECT_LE(student.age, options_.reinitialise_after);
    EXPECT_EQ(student.age > 0, student.student.velocity.defined());
    oldest = std::max(oldest, student.age);
  }
  EXPECT_EQ(state.pool.size(), 3U);
  EXPECT_GT(oldest, 0);
  // 60 steps, 3 students: each had more turns than it may grow old.
  options_.reinitialise_after = 1000;
  int64_t turns = 0;
  const KrrStState growing = run("growing");
  options_.steps = 0;
  const KrrStState born = run("born");
  for (size_t i = 0; i < 3; ++i) turns += growing.pool[i].age - born.pool[i].age;
  EXPECT_EQ(turns, 60);
}

TEST_F(KrrStTest, EveryOptionOfTheMethodCounts) {
  const auto changed = [&](const std::function<void(KrrStOptions&)>& change) {
    const KrrStOptions kept = options_;
    options_.steps = 12;
    const KrrStState plain = run("plain");
    change(options_);
    const KrrStState other = run("other", nullptr, "other" + std::to_string(++runs_));
    options_ = kept;
    return !torch::equal(plain.images, other.images);
  };
  EXPECT_FALSE(changed([](KrrStOptions& o) { o.checkpoint_every = 5; }));
  EXPECT_TRUE(changed([](KrrStOptions& o) { o.batch = 8; }));
  EXPECT_TRUE(changed([](KrrStOptions& o) { o.lr = 0.01; }));
  EXPECT_TRUE(changed([](KrrStOptions& o) { o.ridge = 1e-3; }));
  EXPECT_TRUE(changed([](KrrStOptions& o) { o.pool = 2; }));
  EXPECT_TRUE(changed([](KrrStOptions& o) { o.reinitialise_after = 3; }));
  EXPECT_TRUE(changed([](KrrStOptions& o) { o.student_lr = 0.1; }));
  EXPECT_TRUE(changed([](KrrStOptions& o) { o.student_momentum = 0.5; }));
  EXPECT_TRUE(changed([](KrrStOptions& o) { o.student_weight_decay = 0.1; }));
  EXPECT_TRUE(changed([](KrrStOptions& o) { o.weight_decay = 0.1; }));
}

TEST_F(KrrStTest, ALossThatIsNotFiniteIsReportedAndTheCheckpointStays) {
  options_.steps = 50;
  options_.lr = 1e30;
  try {
    run("diverged");
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("krr_st.lr"), std::string::npos) << message;
    EXPECT_NE(message.find("at step "), std::string::npos) << message;
    EXPECT_NE(message.find("diverged"), std::string::npos) << message;
  }
  const KrrStProgress saved = krr_st_progress(read_safetensors(folder_ / "diverged"), torch::kCPU);
  EXPECT_TRUE(saved.state.images.isfinite().all().item<bool>());
}

// The loss as it is defined, with λ given.
double plain_loss(const Network& network, const torch::Tensor& theta, const torch::Tensor& images,
                  const torch::Tensor& targets, const torch::Tensor& real,
                  const torch::Tensor& real_targets, double lambda) {
  const auto stock = network.with_operators(Operators::kStock);
  const auto features = [&](const torch::Tensor& of) {
    return torch::cat({stock->features(theta, of), torch::ones({of.size(0), 1}, torch::kFloat64)},
                      1);
  };
  const torch::Tensor s = features(images), r = features(real);
  const torch::Tensor kernel = s.matmul(s.t()) + lambda * torch::eye(s.size(0), torch::kFloat64);
  const torch::Tensor fitted = r.matmul(s.t()).matmul(torch::linalg_solve(kernel, targets));
  return (fitted - real_targets).square().mean().item<double>();
}

TEST_F(KrrStTest, TheGradientIsThatOfTheLossThroughTheNetwork) {
  const std::vector<NetworkPtr> networks = {
      network_, std::make_shared<ConvNet>(ConvNetShape{3, 8, 2, 3, 4})};  // M < F, M > F
  for (const NetworkPtr& network : networks) {
    at::Generator generator = make_generator(4, "gradient");
    const auto normal = [&](std::vector<int64_t> shape) {
      return torch::randn(shape, generator, torch::kFloat64);
    };
    const torch::Tensor theta = network->initialise(generator).to(torch::kFloat64);
    const torch::Tensor images = normal({6, 3, 8, 8}), targets = normal({6, 4});
    const torch::Tensor real = normal({9, 3, 8, 8}), real_targets = normal({9, 4});
    const double ridge = 1e-3;
    const KrrStGradient found =
        krr_st_gradient(*network, theta, images, targets, real, real_targets, ridge);
    const double lambda = ridge_constant(with_bias(network->features(theta, images)), ridge);
    const auto loss = [&](const torch::Tensor& x, const torch::Tensor& y) {
      return plain_loss(*network, theta, x, y, real, real_targets, lambda);
    };
    EXPECT_NEAR(found.loss, loss(images, targets), 1e-9 * found.loss);
    for (int direction = 0; direction < 5; ++direction) {
      const torch::Tensor dx = normal({6, 3, 8, 8}), dy = normal({6, 4});
      const double h = 1e-6;
      const double slope_x =
          (loss(images + h * dx, targets) - loss(images - h * dx, targets)) / (2 * h);
      const double slope_y =
          (loss(images, targets + h * dy) - loss(images, targets - h * dy)) / (2 * h);
      EXPECT_NEAR((found.images * dx).sum().item<double>(), slope_x,
                  1e-5 * found.images.norm().item<double>() * dx.norm().item<double>());
      EXPECT_NEAR((found.targets * dy).sum().item<double>(), slope_y,
                  1e-6 * found.targets.norm().item<double>() * dy.norm().item<double>());
    }
  }
}

}  // namespace
}  // namespace mkdt
