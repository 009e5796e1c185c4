#include "mkdt/judge/representation_quality.h"

#include <gtest/gtest.h>

#include "mkdt/base/random.h"
#include "mkdt/data/batches.h"

namespace mkdt {
namespace {

// Three directions, a class each, with a little noise.
LabelledRepresentations three_classes(int64_t rows, uint64_t index) {
  at::Generator generator = make_generator(1, "test/classes", index);
  const torch::Tensor labels = torch::arange(rows).remainder(3);
  const torch::Tensor noise =
      at::randn({rows, 6}, generator, torch::TensorOptions(torch::kFloat32)) * 0.1;
  return {torch::eye(6).index_select(0, labels) + noise, labels};
}

TEST(RepresentationQuality, IsThatOfTheRows) {
  const auto quality =
      representation_quality("teacher", three_classes(90, 0), three_classes(60, 1));
  EXPECT_EQ(quality.dim, 6);
  EXPECT_EQ(quality.knn, 1.0);
  EXPECT_EQ(quality.probe, 1.0);
  EXPECT_GT(quality.effective_rank, 2);
  EXPECT_LT(quality.effective_rank, 6);
  const std::string text = to_text(quality);
  EXPECT_EQ(text.rfind("teacher: 6 dimensions, effective rank ", 0), 0U) << text;
  EXPECT_NE(text.find("k-NN 100.0 %, linear probe 100.0 %"), std::string::npos) << text;
}

TEST(RepresentationQuality, HasNoAccuraciesWithoutLabels) {
  LabelledRepresentations unlabelled = three_classes(30, 0);
  unlabelled.labels = torch::Tensor();
  const auto quality = representation_quality("teacher", unlabelled, three_classes(30, 1));
  EXPECT_FALSE(quality.knn.has_value());
  EXPECT_FALSE(quality.probe.has_value());
  EXPECT_GT(quality.effective_rank, 0);
}

TEST(RepresentationQuality, TakesEvenlySpacedRowsOfManyRows) {
  // Sorted by class, and every row that must not be taken has another class's label.
  LabelledRepresentations train = three_classes(90, 0);
  const torch::Tensor sorted = std::get<1>(train.labels.sort(/*stable=*/true, 0, false));
  train = {train.values.index_select(0, sorted), train.labels.index_select(0, sorted)};
  torch::Tensor wrong = (train.labels + 1).remainder(3);
  const torch::Tensor taken = spread_rows(90, 30);
  wrong.index_copy_(0, taken, train.labels.index_select(0, taken));
  train.labels = wrong;
  const LabelledRepresentations test = three_classes(60, 1);
  EXPECT_EQ(representation_quality("teacher", train, test, 30).knn, 1.0);
  EXPECT_LT(*representation_quality("teacher", train, test, 90).knn, 0.5);
}

}  // namespace
}  // namespace mkdt
