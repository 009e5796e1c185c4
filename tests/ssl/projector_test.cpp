#include "mkdt/ssl/projector.h"

#include <gtest/gtest.h>
#include <torch/utils.h>

#include "mkdt/base/random.h"

namespace mkdt {
namespace {

Projector make(int64_t layers) {
  at::Generator generator = make_generator(1, "test/projector");
  return Projector(6, {layers, 10, 4}, generator);
}

TEST(Projector, HasTheNamesOfASequenceOfLayers) {
  std::vector<std::string> names;
  for (const auto& parameter : make(3).named_parameters()) names.push_back(parameter.key());
  EXPECT_EQ(names, (std::vector<std::string>{"0.weight", "1.weight", "1.bias", "3.weight",
                                             "4.weight", "4.bias", "6.weight"}));
}

TEST(Projector, IsLinearMapsWithNormsAndReluBetween) {
  Projector projector = make(2);
  const torch::Tensor x = torch::randn({5, 6});
  const auto p = projector.named_parameters();
  const torch::Tensor hidden = x.mm(p["0.weight"].t());
  const torch::Tensor normed =
      (hidden - hidden.mean(0)) / (hidden.var(0, /*unbiased=*/false) + 1e-5).sqrt();
  const torch::Tensor expected =
      (normed * p["1.weight"] + p["1.bias"]).relu().mm(p["3.weight"].t());
  EXPECT_TRUE(projector.forward(x, /*mixed_precision=*/false).allclose(expected, 1e-5, 1e-6));
}

TEST(Projector, MixedPrecisionRoundsAtMostTheFactors) {
  Projector projector = make(3);
  const torch::Tensor x = torch::randn({20, 6});
  const torch::Tensor exact = projector.forward(x, false), mixed = projector.forward(x, true);
  EXPECT_EQ(mixed.scalar_type(), torch::kFloat32);
  EXPECT_LE(((mixed - exact).norm() / exact.norm()).item<double>(), 0.02);
}

}  // namespace
}  // namespace mkdt
