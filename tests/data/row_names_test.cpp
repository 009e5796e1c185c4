#include <gtest/gtest.h>

#include "mkdt/data/representations.h"
#include "tests/data/data_fixture.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

class RowNames : public ::testing::Test {
 protected:
  void check(const std::string& text) {
    write_text_atomically(file_, text);
    check_row_names(file_, {"train/dog/1.png", "train/dog-house/1.png"});
  }
  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "rows.npy.names";
};

TEST_F(RowNames, LiesBesideTheRows) {
  EXPECT_EQ(row_names_file("a/train.npy"), "a/train.npy.names");
}

TEST_F(RowNames, MayBeginAnywhereInThePath) {
  check("train/dog/1.png\ntrain/dog-house/1.png\n");
  check("/data/set/train/dog/1.png\n/data/set/train/dog-house/1.png");
  check("dog/1.png\r\n./dog-house/1.png\r\n");
}

TEST_F(RowNames, OfAnotherOrderAreRefused) {
  expect_error([&] { check("dog-house/1.png\ndog/1.png\n"); },
               {"rows.npy.names: line 1 is 'dog-house/1.png'", "'train/dog/1.png'", "--list"});
  expect_error([&] { check("dog/1.png\nhouse/1.png\n"); }, {"line 2 is 'house/1.png'"});
  expect_error([&] { check("og/1.png\ndog-house/1.png\n"); }, {"line 1 is 'og/1.png'"});
  expect_error([&] { check("\n\n"); }, {"line 1 is ''"});
  expect_error([&] { check("dog/1.png\n"); }, {"1 lines, but the data set has 2 images"});
  expect_error([&] { check("dog/1.png\ndog-house/1.png\nx\n"); }, {"3 lines"});
}

TEST_F(RowNames, EqualNamesTellNothingOfTheOrder) {
  expect_error([&] { check("1.png\n1.png\n"); }, {"lines 1 and 2 are both '1.png'"});
}

}  // namespace
}  // namespace mkdt
