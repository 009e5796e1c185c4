#include "mkdt/io/checksum.h"

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/io/durable_file.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

TEST(Checksum, IsXxh3) {
  EXPECT_EQ(checksum(std::string_view("")), "2d06800538d394c2");  // XXH3's published test value
}

TEST(Checksum, OfTensorsSeesValuesShapeAndDtypeOnly) {
  const torch::Tensor a = torch::arange(6, torch::kFloat32).view({2, 3});
  EXPECT_EQ(checksum(a), checksum(a.t().contiguous().t()));
  EXPECT_NE(checksum(a), checksum(a.view({3, 2})));
  EXPECT_NE(checksum(a), checksum(a.to(torch::kFloat64)));
  EXPECT_NE(checksum(a), checksum(a + 1));
}

TEST(Checksum, OfFilesIsThatOfTheirBytes) {
  const testing::TemporaryFolder folder;
  const std::string text(3'000'000, 'x');  // several blocks
  write_text_atomically(folder / "file", text);
  EXPECT_EQ(file_checksum(folder / "file"), checksum(std::string_view(text)));
  EXPECT_THROW(file_checksum(folder / "nothing"), Error);
}

}  // namespace
}  // namespace mkdt
