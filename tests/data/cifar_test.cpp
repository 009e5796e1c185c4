#include "mkdt/data/cifar.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tests/data/data_fixture.h"
#include "tests/fixtures/shared_folder.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

using testing::bytes_of;
using testing::expect_error;
using testing::expect_survives;
using testing::random_pixels;
using testing::TemporaryFolder;

// Records with labels first + i·step; a coarse label byte of 19 before them if asked for.
std::string records(const torch::Tensor& images, int first, int step, bool coarse = false) {
  std::string bytes;
  for (int64_t i = 0; i < images.size(0); ++i) {
    if (coarse) bytes += '\x13';
    bytes += static_cast<char>(first + static_cast<int>(i) * step);
    bytes += bytes_of(images[i]);
  }
  return bytes;
}

class Cifar : public ::testing::Test {
 protected:
  ImageSplits read(const ReadOptions& options = {}) {
    return read_cifar(folder_.path(), options, silent_);
  }
  void write(const std::string& name, const std::string& bytes) {
    write_text_atomically(folder_ / name, bytes);
  }

  TemporaryFolder folder_;
  Observer silent_;
};

TEST_F(Cifar, BatchesInNumericalOrder) {
  const torch::Tensor images = random_pixels({7, 3, 32, 32});
  write("data_batch_10.bin", records(images.slice(0, 5, 7), 8, 1));
  write("data_batch_2.bin", records(images.slice(0, 3, 5), 3, 1));
  write("data_batch_1.bin", records(images.slice(0, 0, 3), 0, 1));
  write("test_batch.bin", records(images.slice(0, 0, 2), 9, 0));
  write("batches.meta.txt", "aeroplane\ncar\r\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\nlorry\n\n");
  EXPECT_TRUE(has_cifar(folder_.path()));

  const ImageSplits splits = read();
  EXPECT_TRUE(torch::equal(splits.train.images, images));
  EXPECT_TRUE(
      torch::equal(splits.train.labels, torch::tensor({0, 1, 2, 3, 4, 8, 9}, torch::kInt64)));
  ASSERT_TRUE(splits.test.has_value());
  EXPECT_TRUE(torch::equal(splits.test->images, images.slice(0, 0, 2)));
  ASSERT_EQ(splits.train.class_names.size(), 10U);
  EXPECT_EQ(splits.train.class_names[1], "car");
  EXPECT_EQ(splits.published_normalisation, "cifar10");
  EXPECT_EQ(splits.source_rows, 7);
}

TEST_F(Cifar, HundredClassesHaveFineLabels) {
  const torch::Tensor images = random_pixels({3, 3, 32, 32});
  write("train.bin", records(images, 40, 29, true));
  const ImageSplits splits = read();
  EXPECT_TRUE(torch::equal(splits.train.images, images));
  EXPECT_TRUE(torch::equal(splits.train.labels, torch::tensor({40, 69, 98}, torch::kInt64)));
  EXPECT_EQ(splits.train.class_names.size(), 100U);
  EXPECT_FALSE(splits.test.has_value());
  EXPECT_EQ(splits.published_normalisation, "cifar100");
}

TEST_F(Cifar, LimitAndSize) {
  const torch::Tensor images = random_pixels({6, 3, 32, 32});
  write("data_batch_1.bin", records(images, 0, 1));
  write("test_batch.bin", records(images, 0, 1));
  const ImageSplits splits = read({16, 4});
  EXPECT_EQ(splits.train.images.sizes(), (torch::IntArrayRef{4, 3, 16, 16}));
  EXPECT_EQ(splits.test->images.sizes(), (torch::IntArrayRef{6, 3, 16, 16}));
  EXPECT_TRUE(torch::equal(splits.train_rows, torch::arange(4)));
}

TEST_F(Cifar, Errors) {
  expect_error([&] { read(); }, {folder_.path().string(), "data_batch_1.bin", "train.bin"});
  const std::string good = records(random_pixels({3, 3, 32, 32}), 8, 1);
  write("data_batch_1.bin", good);
  expect_error([&] { read(); }, {"data_batch_1.bin: record 2 has label 10", "10 classes"});
  write("data_batch_1.bin", good.substr(0, 5000));
  expect_error([&] { read(); }, {"data_batch_1.bin: 5000 bytes", "3073"});
  write("data_batch_1.bin", "");
  expect_error([&] { read(); }, {"data_batch_1.bin: 0 bytes"});
  write("data_batch_1.bin", good.substr(0, 3073));
  write("test_batch.bin", good.substr(0, 3072));
  expect_error([&] { read(); }, {"test_batch.bin: 3072 bytes"});
}

TEST_F(Cifar, DamagedFilesNeverCrash) {
  expect_survives(folder_ / "data_batch_1.bin", records(random_pixels({4, 3, 32, 32}), 0, 1),
                  [&] { read(); });
}

TEST_F(Cifar, RealFiles) {
  MKDT_SHARED_OR_SKIP(path, "data/cifar10-small");
  const ImageSplits splits = read_cifar(path, {}, silent_);
  EXPECT_EQ(splits.train.size(), 6000);
  EXPECT_EQ(splits.test->size(), 2000);
  const torch::Tensor counts = torch::bincount(splits.train.labels);
  EXPECT_TRUE(torch::equal(counts, torch::full({10}, 600, torch::kInt64)));
  EXPECT_EQ(splits.train.class_names.size(), 10U);
}

}  // namespace
}  // namespace mkdt
