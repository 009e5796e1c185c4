#include <gtest/gtest.h>

#include "mkdt/base/random.h"
#include "mkdt/data/representations.h"

namespace mkdt {
namespace {

torch::Tensor noise(int64_t rows, int64_t dim) {
  at::Generator generator = make_generator(0, "test");
  return torch::randn({rows, dim}, generator, torch::TensorOptions(torch::kFloat32));
}

TEST(RepresentationInformation, EqualRowsHaveNone) {
  const std::string same = "all of 100 images have the same representation";
  EXPECT_EQ(lack_of_information(torch::zeros({100, 8})), same);
  EXPECT_EQ(lack_of_information(torch::full({100, 8}, 3.7F)), same);
  EXPECT_EQ(lack_of_information(noise(1, 8).expand({100, 8})), same);
  // What rounding in another batch makes of them.
  EXPECT_EQ(lack_of_information(noise(1, 8) * (1 + 1e-7 * noise(100, 8))), same);
}

TEST(RepresentationInformation, FewValuesHaveLittle) {
  const torch::Tensor two = noise(2, 8).index_select(0, torch::arange(100).remainder(2));
  EXPECT_EQ(lack_of_information(two), "100 images have only 2 different representations");
  const torch::Tensor five = noise(5, 8).index_select(0, torch::arange(100).remainder(5));
  EXPECT_EQ(lack_of_information(five), "100 images have only 5 different representations");
}

TEST(RepresentationInformation, ALineHasLittle) {
  const torch::Tensor line = noise(100, 1).mm(noise(1, 8)) + 3;
  EXPECT_EQ(lack_of_information(line),
            "the representations have an effective rank of 1.0 in 8 dimensions");
  EXPECT_EQ(lack_of_information(noise(100, 1)), "");  // the only dimension there is
}

TEST(RepresentationInformation, OthersHaveSome) {
  EXPECT_EQ(lack_of_information(noise(100, 8)), "");
  EXPECT_EQ(lack_of_information(100 + noise(100, 2)), "");
  EXPECT_EQ(lack_of_information(noise(1, 8)), "");
  EXPECT_EQ(lack_of_information(noise(3, 8)), "");
}

}  // namespace
}  // namespace mkdt
