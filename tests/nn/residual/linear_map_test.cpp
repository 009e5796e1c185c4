#include "mkdt/nn/residual/linear_map.h"

#include <gtest/gtest.h>
#include <torch/utils.h>

#include "mkdt/base/random.h"
#include "mkdt/nn/native/isa.h"

namespace mkdt::residual {
namespace {

torch::Tensor rounded(const torch::Tensor& values) {
  return values.to(torch::kBFloat16).to(torch::kFloat64);
}

class LinearMapIn : public ::testing::TestWithParam<Isa> {};

// Products of factors with 8 bits are exact in float32; only the sums are rounded.
TEST_P(LinearMapIn, MultipliesRoundedFactorsAndSumsInFloat32) {
  struct Sizes {
    int64_t in, out;
  };
  for (const Sizes& sizes : {Sizes{128, 48}, Sizes{20, 33}, Sizes{5, 3}}) {
    LinearMap map(sizes.in, sizes.out, GetParam());
    at::Generator generator = make_generator(2, "test/linear map");
    for (const int64_t batch : {70, 9}) {  // nothing of the larger one is left
      const torch::NoGradGuard no_grad;
      const auto random = [&](int64_t rows, int64_t columns) {
        return at::randn({rows, columns}, generator, torch::TensorOptions());
      };
      const torch::Tensor x = random(batch, sizes.in), w = random(sizes.out, sizes.in),
                          g = random(batch, sizes.out);
      const auto near = [](const torch::Tensor& found, const torch::Tensor& expected) {
        return found.scalar_type() == torch::kFloat32 &&
               found.to(torch::kFloat64).allclose(expected, 1e-4, 1e-4);
      };
      EXPECT_TRUE(near(map.forward(x, w), rounded(x).mm(rounded(w).t())));
      const LinearMap::Gradients gradients = map.backward(x, w, g);
      EXPECT_TRUE(near(gradients.x, rounded(g).mm(rounded(w))));
      EXPECT_TRUE(near(gradients.weight, rounded(g).t().mm(rounded(x))));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, LinearMapIn,
                         ::testing::ValuesIn(std::vector<Isa>{native::available_isas().front(),
                                                              native::available_isas().back()}),
                         [](const auto& isa) { return std::string(isa_name(isa.param)); });

}  // namespace
}  // namespace mkdt::residual
