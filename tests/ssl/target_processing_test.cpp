#include "mkdt/ssl/target_processing.h"

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/random.h"
#include "mkdt/io/safetensors.h"
#include "tests/fixtures/stopper.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

constexpr ProcessingOptions kStandardise = {0, true};

// Correlated, of different sizes, away from 0.
torch::Tensor random_values(int64_t count) {
  at::Generator generator = make_generator(2, "test/standardise");
  const torch::Tensor mixing =
      torch::tensor({{1.0F, 5.0F, 0.1F}, {0.0F, 20.0F, 0.5F}, {0.3F, 0.0F, 0.5F}});
  return at::randn({count, 3}, generator, torch::TensorOptions(torch::kFloat32)).mm(mixing) +
         torch::tensor({5.0F, -3.0F, 0.0F});
}

torch::Tensor covariance(const torch::Tensor& values) {
  const torch::Tensor z = values.to(torch::kFloat64);
  const torch::Tensor centred = z - z.mean(0);
  return centred.t().mm(centred) / z.size(0);
}

TEST(TargetProcessing, DoesNothingUnlessAsked) {
  const torch::Tensor values = random_values(20);
  const TargetProcessing none = fit_processing(row_blocks(values), {});
  EXPECT_TRUE(torch::equal(none.apply(values), values));
  EXPECT_EQ(none.description(), "none");
  EXPECT_EQ(none.outputs(3), 3);
}

TEST(TargetProcessing, StandardisedDimensionsHaveMeanZeroAndDeviationOne) {
  const torch::Tensor values = random_values(20'000);  // more than a block of rows
  const TargetProcessing fitted = fit_processing(row_blocks(values), kStandardise);
  const torch::Tensor z = fitted.apply(values).to(torch::kFloat64);
  EXPECT_LT(z.mean(0).abs().max().item<double>(), 1e-5);
  EXPECT_LT((z.std(0, false) - 1).abs().max().item<double>(), 1e-5);
  EXPECT_EQ(fitted.description(), "standardise");
}

TEST(TargetProcessing, AppliesTheTrainingStatisticsToOthers) {
  const TargetProcessing fitted =
      fit_processing(row_blocks(torch::tensor({{1.0F, 0.0F}, {3.0F, 8.0F}})), kStandardise);
  EXPECT_TRUE(
      torch::equal(fitted.apply(torch::tensor({{4.0F, 0.0F}})), torch::tensor({{2.0F, -1.0F}})));
}

TEST(TargetProcessing, DoesNotBlowUpADimensionThatHardlyMoves) {
  const TargetProcessing fitted =
      fit_processing(row_blocks(torch::tensor({{0.0F, 7.0F}, {2.0F, 7.0F}})), kStandardise);
  EXPECT_TRUE(torch::allclose(fitted.std, torch::tensor({1.0F, 1e-3F})));
  const TargetProcessing constant =
      fit_processing(row_blocks(torch::full({4, 2}, 3.0F)), kStandardise);
  EXPECT_TRUE(torch::equal(constant.std, torch::ones({2})));
}

TEST(TargetProcessing, PrincipalAxesAreUncorrelatedAndKeepTheLargestVariances) {
  const torch::Tensor values = random_values(500);
  const TargetProcessing fitted = fit_processing(row_blocks(values), {2, false});
  const torch::Tensor z = fitted.apply(values);
  EXPECT_EQ(z.sizes(), at::IntArrayRef({500, 2}));
  const torch::Tensor found = covariance(z);
  const torch::Tensor expected = torch::linalg_eigvalsh(covariance(values)).flip(0).slice(0, 0, 2);
  EXPECT_TRUE(torch::allclose(found.diagonal(), expected, 1e-5, 1e-9));
  EXPECT_LT(found[0][1].abs().item<double>(), 1e-4);
  EXPECT_LT(z.mean(0).abs().max().item<double>(), 1e-4);
  EXPECT_EQ(fitted.description(), "pca 2");
  EXPECT_EQ(fitted.outputs(3), 2);
  // Signs do not depend on the solver.
  EXPECT_TRUE((fitted.axes.gather(0, fitted.axes.abs().argmax(0, true)) > 0).all().item<bool>());
}

TEST(TargetProcessing, AllPrincipalAxesKeepDistances) {
  const torch::Tensor values = random_values(50);
  const torch::Tensor z = fit_processing(row_blocks(values), {3, false}).apply(values);
  const auto distances = [](const torch::Tensor& rows) {
    const torch::Tensor r = rows.to(torch::kFloat64);
    return (r.unsqueeze(0) - r.unsqueeze(1)).norm(2, 2);
  };
  EXPECT_TRUE(torch::allclose(distances(z), distances(values), 1e-4, 1e-4));
}

TEST(TargetProcessing, StandardisesAfterThePca) {
  const torch::Tensor values = random_values(500);
  const TargetProcessing fitted = fit_processing(row_blocks(values), {2, true});
  const torch::Tensor found = covariance(fitted.apply(values));
  EXPECT_TRUE(torch::allclose(found, torch::eye(2, torch::kFloat64), 1e-4, 1e-4)) << found;
  EXPECT_EQ(fitted.description(), "pca 2, standardise");
}

TEST(TargetProcessing, RejectsMoreAxesThanDimensions) {
  EXPECT_THROW(fit_processing(row_blocks(random_values(10)), {4, false}), Error);
}

TEST(TargetProcessing, RoundTripsThroughAFile) {
  const testing::TemporaryFolder folder;
  const torch::Tensor values = random_values(20);
  for (const ProcessingOptions& options : {ProcessingOptions{}, {0, true}, {2, false}, {2, true}}) {
    const TargetProcessing fitted = fit_processing(row_blocks(values), options);
    write_processing(folder / "p.safetensors", fitted);
    const TargetProcessing read = read_processing(folder / "p.safetensors", 3);
    EXPECT_TRUE(torch::equal(read.apply(values), fitted.apply(values)));
    EXPECT_EQ(read.description(), fitted.description());
  }
  EXPECT_THROW(read_processing(folder / "p.safetensors", 4), Error);
}

// A teacher that has collapsed: the values have no exact mean, and nothing to divide by.
TEST(TargetProcessing, ConstantRepresentationsBecomeZeros) {
  for (const float value : {0.1F, -3e38F, 1e-42F}) {
    const torch::Tensor values = torch::full({300, 3}, value);
    for (const ProcessingOptions& options :
         {ProcessingOptions{0, true}, ProcessingOptions{2, false}, ProcessingOptions{2, true}}) {
      const torch::Tensor found = fit_processing(row_blocks(values), options).apply(values);
      EXPECT_TRUE(torch::equal(found, torch::zeros_like(found))) << value << found[0];
    }
  }
}

TEST(TargetProcessing, RejectsAFileWithValuesThatAreNotFinite) {
  const testing::TemporaryFolder folder;
  for (const std::string name : {"mean", "std"}) {
    TensorFile file;
    file.tensors = {{"mean", torch::zeros({2})}, {"std", torch::ones({2})}};
    file.tensors[name] = torch::ones({2}) / 0;
    write_safetensors(folder / "i.safetensors", file);
    try {
      read_processing(folder / "i.safetensors", 2);
      FAIL() << "expected an Error";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("tensor '" + name + "' has values"),
                std::string::npos)
          << error.what();
    }
  }
}

TEST(TargetProcessing, RejectsAFileWithZeroDeviation) {
  const testing::TemporaryFolder folder;
  write_safetensors(folder / "s.safetensors",
                    {{{"mean", torch::zeros({2})}, {"std", torch::zeros({2})}}, {}, {}, ""});
  EXPECT_THROW(read_processing(folder / "s.safetensors", 2), Error);
}

TEST(TargetProcessing, AsksWhetherToStopForEveryBlockOfRows) {
  const torch::Tensor values = random_values(20'000);
  testing::Stopper patient;
  fit_processing(row_blocks(values), {2, true}, patient);
  EXPECT_EQ(patient.questions(), 2 * 3);  // mean and covariance, 8192 rows at a time
  for (const int64_t question : {1, 6}) {
    testing::Stopper stopper(question);
    EXPECT_THROW(fit_processing(row_blocks(values), {2, true}, stopper), Stopped);
  }
}

}  // namespace
}  // namespace mkdt
