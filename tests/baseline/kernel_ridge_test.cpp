#include "mkdt/baseline/kernel_ridge.h"

#include <functional>
#include <limits>

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"

namespace mkdt {
namespace {

// Features and targets of a few synthetic and real images.
struct Problem {
  Problem(int64_t size, int64_t features, uint64_t seed) {
    at::Generator generator = make_generator(seed, "kernel ridge test");
    const auto normal = [&](int64_t rows, int64_t columns) {
      return torch::randn({rows, columns}, generator, torch::kFloat64);
    };
    synthetic = normal(size, features);
    real = normal(7, features);
    targets = normal(size, 3);
    wanted = normal(7, 3);
  }
  // The second half of the synthetic images repeats the first: K_ss has half its rank.
  void repeat_rows() {
    const int64_t half = synthetic.size(0) / 2;
    synthetic = torch::cat({synthetic.slice(0, 0, half), synthetic.slice(0, 0, half)});
  }
  double lambda() const { return ridge_constant(synthetic, 1e-6); }

  torch::Tensor synthetic, real, targets, wanted;
};

// K_rs (K_ss + λI)⁻¹ Y by an explicit inverse.
torch::Tensor dense(const torch::Tensor& real, const torch::Tensor& synthetic,
                    const torch::Tensor& targets, double lambda) {
  const torch::Tensor kernel = synthetic.matmul(synthetic.t());
  const torch::Tensor identity = torch::eye(kernel.size(0), kernel.options());
  return real.matmul(synthetic.t())
      .matmul(torch::linalg_inv(kernel + lambda * identity))
      .matmul(targets);
}

double relative_distance(const torch::Tensor& found, const torch::Tensor& expected) {
  EXPECT_EQ(found.sizes(), expected.sizes());
  return ((found - expected).norm() / expected.norm()).item<double>();
}

torch::Tensor central_differences(const std::function<double(const torch::Tensor&)>& value,
                                  const torch::Tensor& at, double step) {
  torch::Tensor differences = torch::empty_like(at);
  for (int64_t i = 0; i < at.numel(); ++i) {
    const auto moved = [&](double by) {
      torch::Tensor point = at.clone();
      point.view(-1)[i] += by;
      return value(point);
    };
    differences.view(-1)[i] = (moved(step) - moved(-step)) / (2 * step);
  }
  return differences;
}

// More features than images, fewer, and as many.
const std::pair<int64_t, int64_t> kSizes[] = {{6, 11}, {12, 5}, {8, 8}};

TEST(KernelRidge, IsTheExplicitInverse) {
  for (const auto& [size, features] : kSizes) {
    const Problem p(size, features, 1);
    EXPECT_LT(relative_distance(kernel_ridge(p.real, p.synthetic, p.targets, p.lambda()),
                                dense(p.real, p.synthetic, p.targets, p.lambda())),
              1e-8)
        << size << " " << features;
  }
}

TEST(KernelRidge, IsThatOfRepeatedImagesToo) {
  Problem p(6, 11, 2);
  p.repeat_rows();
  EXPECT_LT(relative_distance(kernel_ridge(p.real, p.synthetic, p.targets, p.lambda()),
                              dense(p.real, p.synthetic, p.targets, p.lambda())),
            1e-6);
}

TEST(KernelRidge, BothFormsAreTheSameWeights) {
  const Problem p(5, 9, 3);
  const torch::Tensor weights = ridge_weights(p.synthetic, p.targets, 0.7);
  // Rows of zeros change nothing but make more images than features.
  const torch::Tensor more = torch::cat({p.synthetic, torch::zeros({6, 9}, torch::kFloat64)});
  const torch::Tensor more_targets = torch::cat({p.targets, torch::ones({6, 3}, torch::kFloat64)});
  EXPECT_LT(relative_distance(ridge_weights(more, more_targets, 0.7), weights), 1e-12);
}

TEST(KernelRidge, SolvesInDoublePrecisionForSingleFeatures) {
  Problem p(60, 40, 4);
  p.synthetic = p.synthetic.to(torch::kFloat32);
  p.real = p.real.to(torch::kFloat32);
  p.targets = p.targets.to(torch::kFloat32);
  const auto wide = [](const torch::Tensor& tensor) { return tensor.to(torch::kFloat64); };
  const torch::Tensor found = kernel_ridge(p.real, p.synthetic, p.targets, p.lambda());
  EXPECT_EQ(found.scalar_type(), torch::kFloat32);
  EXPECT_LT(relative_distance(wide(found),
                              dense(wide(p.real), wide(p.synthetic), wide(p.targets), p.lambda())),
            1e-5);
}

TEST(KernelRidge, HasTheGradientOfItsDifferences) {
  for (const auto& [size, features] : kSizes) {
    for (const bool repeated : {false, true}) {
      Problem p(size, features, 5);
      if (repeated) p.repeat_rows();
      // Larger than published, or the differences of repeated rows would be rounding alone.
      const double lambda = ridge_constant(p.synthetic, repeated ? 1e-4 : 1e-6);
      const auto loss = [&](const torch::Tensor& synthetic, const torch::Tensor& targets) {
        return torch::mse_loss(kernel_ridge(p.real, synthetic, targets, lambda), p.wanted);
      };
      const torch::Tensor x = p.synthetic.clone().requires_grad_(true);
      const torch::Tensor y = p.targets.clone().requires_grad_(true);
      const auto gradients = torch::autograd::grad({loss(x, y)}, {x, y});
      const auto along_x = [&](const torch::Tensor& at) {
        return loss(at, p.targets).item<double>();
      };
      const auto along_y = [&](const torch::Tensor& at) {
        return loss(p.synthetic, at).item<double>();
      };
      EXPECT_LT(relative_distance(gradients[0], central_differences(along_x, p.synthetic, 1e-6)),
                1e-4)
          << size << " " << features << " " << repeated;
      EXPECT_LT(relative_distance(gradients[1], central_differences(along_y, p.targets, 1e-4)),
                1e-6)
          << size << " " << features << " " << repeated;
    }
  }
}

TEST(KernelRidge, JitterHelpsWhereThereIsNoRidge) {
  Problem p(6, 11, 6);
  p.repeat_rows();
  EXPECT_TRUE(kernel_ridge(p.real, p.synthetic, p.targets, 0).isfinite().all().item<bool>());
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(KernelRidge, SaysWhatCannotBeSolved) {
  const Problem p(6, 11, 7);
  const auto message = [&](const torch::Tensor& features, double lambda) {
    return message_of([&] { ridge_weights(features, p.targets, lambda); });
  };
  EXPECT_NE(message(p.synthetic, -1e6).find("6×6"), std::string::npos);
  EXPECT_NE(message(p.synthetic, -1e6).find("krr_st.ridge"), std::string::npos);
  EXPECT_NE(message(torch::zeros_like(p.synthetic), 0).find("not positive definite"),
            std::string::npos);
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_NE(message(p.synthetic * infinity, 1).find("not finite"), std::string::npos);
}

TEST(KernelRidge, TheConstantIsAPartOfTheTrace) {
  const Problem p(6, 11, 8);
  const double trace = p.synthetic.matmul(p.synthetic.t()).trace().item<double>();
  EXPECT_NEAR(ridge_constant(p.synthetic, 0.25), 0.25 * trace, 1e-10);
}

TEST(KernelRidge, BiasIsAColumnOfOnes) {
  const Problem p(6, 11, 9);
  const torch::Tensor extended = with_bias(p.synthetic);
  EXPECT_TRUE(torch::equal(extended.slice(1, 0, 11), p.synthetic));
  EXPECT_TRUE(torch::equal(extended.slice(1, 11), torch::ones({6, 1}, torch::kFloat64)));
}

}  // namespace
}  // namespace mkdt
