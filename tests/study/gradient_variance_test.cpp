#include "mkdt/study/gradient_variance.h"

#include <cmath>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/data/batches.h"
#include "mkdt/study/variance_study.h"

namespace mkdt {
namespace {

TEST(GradientStatistics, KnowsSignalAndNoise) {
  at::Generator generator = make_generator(1, "test");
  const torch::Tensor mean = torch::full({50}, 0.3);
  double signal = 0, noise = 0;
  constexpr int kTimes = 200;
  for (int time = 0; time < kTimes; ++time) {
    GradientStatistics statistics;
    for (int i = 0; i < 5; ++i) statistics.add(mean + 2 * torch::randn({50}, generator));
    signal += statistics.signal() / kTimes;
    noise += statistics.noise() / kTimes;
  }
  EXPECT_NEAR(noise, 50 * 4.0, 5);    // 50 dimensions of variance 4
  EXPECT_NEAR(signal, 50 * 0.09, 2);  // unbiased, though noise / 5 is ten times as much
}

TEST(GradientStatistics, WithoutNoiseAllIsSignal) {
  GradientStatistics statistics;
  for (int i = 0; i < 3; ++i) statistics.add(torch::tensor({3.0, 4.0}));
  EXPECT_NEAR(statistics.signal(), 25, 1e-12);
  EXPECT_NEAR(statistics.noise(), 0, 1e-12);
}

// A loss with a known gradient: θ moves towards the mean of the batch's numbers. One step of SGD
// without momentum is θ ← θ − lr·(θ − mean + decay·θ).
class GradientVarianceTest : public ::testing::Test {
 protected:
  static constexpr double kRate = 0.1, kDecay = 0.01;

  LossCourse course(const std::string& name, double spread) const {
    at::Generator generator = make_generator(3, name);
    const torch::Tensor numbers = 1 + spread * torch::randn({64}, generator);
    LossCourse loss;
    loss.name = name;
    loss.weight_decay = kDecay;
    loss.body = 2;
    loss.course.images = 64;
    loss.course.start = [](int64_t index) {
      return ExpertStart{torch::zeros({3}), make_generator(static_cast<uint64_t>(index), "start")};
    };
    loss.course.draw_batches = [](at::Generator& random) {
      return shuffled_batches(64, 16, random);
    };
    loss.course.step = [numbers](Student& student, const torch::Tensor& rows, at::Generator&) {
      const torch::Tensor mean = numbers.index_select(0, rows).mean();
      student.velocity = student.theta - mean + kDecay * student.theta;
      student.theta = student.theta - kRate * student.velocity;
      return 1.0;
    };
    return loss;
  }

  VarianceOptions options_{/*batches=*/{4, 16}, /*epochs=*/1, /*samples=*/200, /*seeds=*/2};
  Observer silent_;
};

TEST_F(GradientVarianceTest, FindsTheGradientOfTheBodyWithoutWeightDecay) {
  const GradientVariance found = gradient_variance({course("loss", 0.5)}, options_, 7, silent_);
  ASSERT_EQ(found.gradients.size(), 2U * 2 * 2);  // seeds, epochs 0 and 1, batch sizes
  const GradientPoint& first = found.gradients.front();
  EXPECT_EQ(first.epoch, 0);
  EXPECT_EQ(first.batch, 4);
  // At θ = 0 the gradient is −mean, about −1, in both of the body's parameters.
  EXPECT_NEAR(first.signal, 2, 0.4);
  // Of a mean of 4 out of 64 numbers: 2 · 0.25 / 4 · (60 / 63).
  EXPECT_NEAR(first.noise, 0.119, 0.06);
  EXPECT_NEAR(first.signal_to_noise, first.signal / first.noise, 1e-9);
}

TEST_F(GradientVarianceTest, LargerBatchesHaveLessNoise) {
  const GradientVariance found = gradient_variance({course("loss", 0.5)}, options_, 7, silent_);
  EXPECT_GT(found.gradients[1].signal_to_noise, 2 * found.gradients[0].signal_to_noise);
}

TEST_F(GradientVarianceTest, MeasuresTheWay) {
  const GradientVariance found = gradient_variance({course("loss", 0.0)}, options_, 7, silent_);
  ASSERT_EQ(found.distances.size(), 2U);
  // Every number is 1: four steps along one line.
  double theta = 0;
  for (int step = 0; step < 4; ++step) theta -= kRate * (theta - 1 + kDecay * theta);
  EXPECT_NEAR(found.distances[0].distance, std::sqrt(2) * theta, 1e-5);
  EXPECT_NEAR(found.distances[0].path, found.distances[0].distance, 1e-5);
}

TEST_F(GradientVarianceTest, SameSeedSameNumbers) {
  const auto ratio = [&](uint64_t seed) {
    return gradient_variance({course("loss", 0.5)}, options_, seed, silent_)
        .gradients.front()
        .signal_to_noise;
  };
  EXPECT_EQ(ratio(7), ratio(7));
  EXPECT_NE(ratio(7), ratio(8));
}

TEST_F(GradientVarianceTest, SaysWhatItCannotDo) {
  options_.batches = {65};
  EXPECT_THROW(gradient_variance({course("loss", 1)}, options_, 7, silent_), Error);
  options_.batches = {4};
  options_.samples = 1;
  EXPECT_THROW(gradient_variance({course("loss", 1)}, options_, 7, silent_), Error);
  options_.samples = 2;
  LossCourse broken = course("loss", 1);
  broken.course.step = [](Student& student, const torch::Tensor&, at::Generator&) {
    student.velocity = student.theta;
    return std::nan("");
  };
  EXPECT_THROW(gradient_variance({broken}, options_, 7, silent_), Error);
}

TEST_F(GradientVarianceTest, TablesCompareTheLosses) {
  const GradientVariance found =
      gradient_variance({course("quiet", 0.1), course("loud", 1)}, options_, 7, silent_);
  const std::vector<Table> tables = variance_tables(found);
  ASSERT_EQ(tables.size(), 2U);
  ASSERT_EQ(tables[0].columns.size(), 5U);
  EXPECT_EQ(tables[0].columns[2].header, "quiet");
  EXPECT_EQ(tables[0].columns[4].header, "ratio");
  ASSERT_EQ(tables[0].rows.size(), 4U);  // epochs × batches
  EXPECT_GT(std::stod(tables[0].rows[0][4].text), 10);
  EXPECT_EQ(tables[1].rows.size(), 2U);  // losses × epochs
}

}  // namespace
}  // namespace mkdt
