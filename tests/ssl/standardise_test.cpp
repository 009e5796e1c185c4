#include "mkdt/ssl/standardise.h"

#include <gtest/gtest.h>

#include "mkdt/core/error.h"
#include "mkdt/core/random.h"
#include "mkdt/core/safetensors.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

torch::Tensor random_values(int64_t count) {
  at::Generator generator = make_generator(2, "test/standardise");
  return at::randn({count, 3}, generator, torch::TensorOptions(torch::kFloat32)) *
             torch::tensor({1.0F, 20.0F, 0.5F}) +
         torch::tensor({5.0F, -3.0F, 0.0F});
}

TEST(Standardise, GivesMeanZeroAndDeviationOne) {
  const torch::Tensor values = random_values(50);
  const torch::Tensor z = fit_standardisation(values).apply(values).to(torch::kFloat64);
  EXPECT_LT(z.mean(0).abs().max().item<double>(), 1e-6);
  EXPECT_LT((z.std(0, false) - 1).abs().max().item<double>(), 1e-6);
}

TEST(Standardise, AppliesTheTrainingStatisticsToOthers) {
  const Standardisation fitted = fit_standardisation(torch::tensor({{1.0F, 0.0F}, {3.0F, 8.0F}}));
  EXPECT_TRUE(
      torch::equal(fitted.apply(torch::tensor({{4.0F, 0.0F}})), torch::tensor({{2.0F, -1.0F}})));
}

TEST(Standardise, DoesNotBlowUpADimensionThatHardlyMoves) {
  const torch::Tensor values = torch::tensor({{0.0F, 7.0F}, {2.0F, 7.0F}});
  const Standardisation fitted = fit_standardisation(values, 0.01);
  EXPECT_TRUE(torch::allclose(fitted.std, torch::tensor({1.0F, 0.01F})));
  const Standardisation constant = fit_standardisation(torch::full({4, 2}, 3.0F));
  EXPECT_TRUE(torch::equal(constant.std, torch::ones({2})));
}

TEST(Standardise, RoundTripsThroughAFile) {
  const testing::TemporaryFolder folder;
  const Standardisation fitted = fit_standardisation(random_values(20));
  write_standardisation(folder / "s.safetensors", fitted);
  const Standardisation read = read_standardisation(folder / "s.safetensors", 3);
  EXPECT_TRUE(torch::equal(read.mean, fitted.mean));
  EXPECT_TRUE(torch::equal(read.std, fitted.std));
  EXPECT_THROW(read_standardisation(folder / "s.safetensors", 4), Error);
}

TEST(Standardise, RejectsAFileWithZeroDeviation) {
  const testing::TemporaryFolder folder;
  write_safetensors(folder / "s.safetensors",
                    {{{"mean", torch::zeros({2})}, {"std", torch::zeros({2})}}, {}, ""});
  EXPECT_THROW(read_standardisation(folder / "s.safetensors", 2), Error);
}

}  // namespace
}  // namespace mkdt
