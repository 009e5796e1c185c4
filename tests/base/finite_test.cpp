#include "mkdt/base/finite.h"

#include <limits>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"

namespace mkdt {
namespace {

TEST(Finite, OneValueIsEnoughToFail) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const auto dtype : {torch::kFloat64, torch::kFloat32, torch::kBFloat16}) {
    for (const double value : {nan, infinity, -infinity}) {
      torch::Tensor values = torch::zeros({3, 4}, dtype);
      EXPECT_TRUE(all_finite(values));
      values[2][1] = value;
      EXPECT_FALSE(all_finite(values));
    }
  }
  EXPECT_TRUE(all_finite(torch::empty({0})));
  EXPECT_TRUE(all_finite(torch::full({2}, std::numeric_limits<int64_t>::max(), torch::kInt64)));
}

TEST(Finite, SeveralTensorsAtOnce) {
  const torch::Tensor good = torch::ones({2}), bad = torch::ones({2}) / 0;
  EXPECT_TRUE(all_finite({good, torch::Tensor(), good.to(torch::kFloat64)}));
  EXPECT_FALSE(all_finite({good, bad}));
  EXPECT_FALSE(all_finite({bad, good}));
}

TEST(Finite, SaysWhatIsNot) {
  EXPECT_NO_THROW(expect_finite(torch::ones({2}), "a.safetensors: 'x'"));
  try {
    expect_finite(torch::ones({2}) / 0, "a.safetensors: 'x'");
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "a.safetensors: 'x' has values that are not finite numbers");
  }
}

}  // namespace
}  // namespace mkdt
