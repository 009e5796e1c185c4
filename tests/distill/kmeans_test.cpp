#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/random.h"
#include "mkdt/distill/subset.h"
#include "tests/fixtures/stopper.h"

namespace mkdt {
namespace {

// `clusters` groups of `size` rows around centres that are far apart; row i is of group i %
// clusters.
torch::Tensor groups(int64_t clusters, int64_t size, uint64_t seed) {
  at::Generator generator = make_generator(seed, "test/groups");
  const torch::Tensor centres = torch::randn({clusters, 4}, generator) * 100;
  return centres.repeat({size, 1}) + torch::randn({clusters * size, 4}, generator) * 0.1;
}

double inertia(const torch::Tensor& values, const Clusters& clusters) {
  return (values - clusters.centroids.index_select(0, clusters.assignments))
      .square()
      .sum()
      .item<double>();
}

TEST(Kmeans, FindsGroupsThatAreApart) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    const torch::Tensor values = groups(6, 30, seed);
    const Clusters clusters = kmeans(values, 6, seed);
    for (int64_t i = 6; i < values.size(0); ++i) {
      EXPECT_EQ(clusters.assignments[i].item<int64_t>(),
                clusters.assignments[i % 6].item<int64_t>());
    }
    EXPECT_LT(inertia(values, clusters), 180 * 4 * 0.02);
  }
}

TEST(Kmeans, EndsWhereEveryRowIsNearestToTheMeanOfItsCluster) {
  at::Generator generator = make_generator(3, "test/kmeans");
  const torch::Tensor values = torch::randn({300, 5}, generator);
  const Clusters clusters = kmeans(values, 9, 1);
  ASSERT_LT(clusters.iterations, 100);
  const torch::Tensor distances = torch::cdist(values, clusters.centroids);
  EXPECT_TRUE(torch::equal(distances.argmin(1), clusters.assignments));
  for (int64_t i = 0; i < 9; ++i) {
    const torch::Tensor mean =
        values.index_select(0, clusters.assignments.eq(i).nonzero().flatten()).mean(0);
    EXPECT_TRUE(torch::allclose(mean, clusters.centroids[i], 1e-4, 1e-5));
  }
}

TEST(Kmeans, NoClusterStaysEmpty) {
  // Two places, three clusters: one of them has to share.
  torch::Tensor values = torch::zeros({20, 2});
  values.slice(0, 10).fill_(5);
  values[19].fill_(6);
  const Clusters clusters = kmeans(values, 3, 1);
  EXPECT_EQ(torch::bincount(clusters.assignments, {}, 3).eq(0).sum().item<int64_t>(), 0);
}

TEST(KmeansSubset, HasTheNearestRowOfEachGroup) {
  const torch::Tensor values = groups(8, 25, 7);
  const torch::Tensor rows = kmeans_subset(values, 8, 2);
  ASSERT_EQ(rows.sizes(), torch::IntArrayRef({8}));
  EXPECT_TRUE(torch::equal(std::get<0>(rows.remainder(8).sort()), torch::arange(8, torch::kLong)));
  EXPECT_TRUE(torch::equal(std::get<0>(rows.sort()), rows));
  for (int64_t i = 0; i < 8; ++i) {
    const int64_t row = rows[i].item<int64_t>();
    const torch::Tensor group = values.slice(0, row % 8, values.size(0), 8);
    const torch::Tensor distance = (group - group.mean(0)).square().sum(1);
    EXPECT_EQ(distance.argmin().item<int64_t>(), row / 8);
  }
}

TEST(KmeansSubset, AllRowsWhenAsManyAreWanted) {
  const torch::Tensor values = groups(3, 4, 1);
  EXPECT_TRUE(torch::equal(kmeans_subset(values, 12, 1), torch::arange(12, torch::kLong)));
}

TEST(KmeansSubset, RowsAreDistinctAmongDuplicates) {
  const torch::Tensor rows = kmeans_subset(torch::ones({10, 3}), 4, 1);
  EXPECT_EQ(std::get<0>(at::_unique2(rows)).numel(), 4);
}

TEST(KmeansSubset, TheSeedDecides) {
  at::Generator generator = make_generator(3, "test/kmeans");
  const torch::Tensor values = torch::randn({200, 6}, generator);
  EXPECT_TRUE(torch::equal(kmeans_subset(values, 20, 5), kmeans_subset(values, 20, 5)));
  EXPECT_FALSE(torch::equal(kmeans_subset(values, 20, 5), kmeans_subset(values, 20, 6)));
}

TEST(Kmeans, SaysWhenDistancesAreNotFinite) {
  const torch::Tensor values = groups(3, 10, 1);
  EXPECT_NO_THROW(kmeans(values, 3, 1));
  try {
    kmeans(values * 1e25, 3, 1);
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("teacher.standardise"), std::string::npos);
  }
}

TEST(Kmeans, AsksWhetherToStopForEveryCentroidAndBlock) {
  const torch::Tensor values = groups(5, 20, 1);
  testing::Stopper patient;
  const Clusters clusters = kmeans(values, 5, 1, patient);
  EXPECT_EQ(patient.questions(), 4 + clusters.iterations);
  kmeans_subset(values, 5, 1, patient);
  EXPECT_EQ(patient.questions(), 2 * (4 + clusters.iterations) + 5);
  for (int64_t question = 1; question <= 4 + clusters.iterations + 5; ++question) {
    testing::Stopper stopper(question);
    EXPECT_THROW(kmeans_subset(values, 5, 1, stopper), Stopped) << question;
  }
}

}  // namespace
}  // namespace mkdt
