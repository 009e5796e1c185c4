#include "mkdt/data/idx.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <zlib.h>

#include "tests/data/data_fixture.h"
#include "tests/fixtures/shared_folder.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/fixtures/thread_limit.h"

namespace mkdt {
namespace {

using testing::bytes_of;
using testing::expect_error;
using testing::expect_survives;
using testing::random_pixels;
using testing::TemporaryFolder;

std::string big_endian(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 255U);
  return bytes;
}

std::string idx_bytes(const torch::Tensor& values) {
  std::string bytes("\0\0\x08", 3);
  bytes += static_cast<char>(values.dim());
  for (const int64_t size : values.sizes()) bytes += big_endian(static_cast<uint32_t>(size));
  return bytes + bytes_of(values);
}

class Idx : public ::testing::Test {
 protected:
  ImageSplits read(const ReadOptions& options = {}) {
    return read_idx(folder_.path(), options, silent_);
  }
  void write(const std::string& name, const torch::Tensor& values) {
    write_text_atomically(folder_ / name, idx_bytes(values));
  }
  void write_gzip(const std::string& name, const torch::Tensor& values) {
    const std::string bytes = idx_bytes(values);
    gzFile file = gzopen((folder_ / name).c_str(), "wb");
    ASSERT_EQ(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())),
              static_cast<int>(bytes.size()));
    gzclose(file);
  }

  TemporaryFolder folder_;
  Observer silent_;
};

torch::Tensor labels_up_to(int64_t count, int64_t classes) {
  return (torch::arange(count) % classes).to(torch::kUInt8);
}

TEST_F(Idx, BothSplitsAreReadWhereThereIsNoThreadForTheSecond) {
  const torch::Tensor train = random_pixels({9, 28, 28}), test = random_pixels({4, 28, 28}, 1);
  write("train-images-idx3-ubyte", train);
  write("train-labels-idx1-ubyte", labels_up_to(9, 3));
  write("t10k-images-idx3-ubyte", test);
  write("t10k-labels-idx1-ubyte", labels_up_to(4, 3));
  const testing::ThreadLimit limit(0);
  const ImageSplits splits = read();
  EXPECT_EQ(limit.refused(), 1);
  EXPECT_TRUE(torch::equal(splits.train.images, train.unsqueeze(1)));
  EXPECT_TRUE(torch::equal(splits.test->images, test.unsqueeze(1)));
}

TEST_F(Idx, PlainAndCompressedUnderEitherName) {
  const torch::Tensor train = random_pixels({9, 28, 28});
  const torch::Tensor test = random_pixels({4, 28, 28}, 1);
  write("train-images-idx3-ubyte", train);
  write_gzip("train-labels.idx1-ubyte.gz", labels_up_to(9, 3));
  write_gzip("t10k-images-idx3-ubyte.gz", test);
  write("t10k-labels.idx1-ubyte", labels_up_to(4, 4));
  EXPECT_TRUE(has_idx(folder_.path()));
  const ImageSplits splits = read();
  EXPECT_TRUE(torch::equal(splits.train.images, train.unsqueeze(1)));
  EXPECT_TRUE(torch::equal(splits.train.labels, torch::arange(9) % 3));
  EXPECT_TRUE(torch::equal(splits.test->images, test.unsqueeze(1)));
  EXPECT_EQ(splits.train.class_names, (std::vector<std::string>{"0", "1", "2", "3"}));
  EXPECT_EQ(splits.published_normalisation, "");
}

// The layouts in which MNIST and its relatives are downloaded and unpacked.
TEST_F(Idx, IsFoundUnderTheNamesThatPeopleHave) {
  const torch::Tensor train = random_pixels({9, 28, 28});
  const torch::Tensor test = random_pixels({4, 28, 28}, 1);
  const auto expect_read = [&](const std::string& below) {
    const std::filesystem::path root = folder_ / below;
    ASSERT_TRUE(has_idx(root)) << below;
    const ImageSplits splits = read_idx(root, {}, silent_);
    EXPECT_TRUE(torch::equal(splits.train.images, train.unsqueeze(1))) << below;
    EXPECT_TRUE(torch::equal(splits.train.labels, torch::arange(9) % 3)) << below;
    ASSERT_TRUE(splits.test) << below;
    EXPECT_TRUE(torch::equal(splits.test->images, test.unsqueeze(1))) << below;
  };
  const auto write_all = [&](const std::vector<std::string>& names) {
    write(names[0], train);
    write(names[1], labels_up_to(9, 3));
    write(names[2], test);
    write(names[3], labels_up_to(4, 3));
  };
  // A folder of the file's name around each file, with dots in the one and hyphens in the other.
  write_all({"kaggle/train-images-idx3-ubyte/train-images.idx3-ubyte",
             "kaggle/train-labels-idx1-ubyte/train-labels.idx1-ubyte",
             "kaggle/t10k-images-idx3-ubyte/t10k-images.idx3-ubyte",
             "kaggle/t10k-labels-idx1-ubyte/t10k-labels.idx1-ubyte"});
  expect_read("kaggle");
  write_all({"dots/train-images.idx3.ubyte", "dots/train-labels.idx1.ubyte",
             "dots/T10K-images.idx3-ubyte", "dots/t10k_labels_idx1_ubyte"});
  expect_read("dots");
  write_all({"torchvision/MNIST/raw/train-images-idx3-ubyte",
             "torchvision/MNIST/raw/train-labels-idx1-ubyte",
             "torchvision/MNIST/raw/t10k-images-idx3-ubyte",
             "torchvision/MNIST/raw/t10k-labels-idx1-ubyte"});
  expect_read("torchvision");
  expect_read("torchvision/MNIST");
  expect_read("torchvision/MNIST/raw");
  EXPECT_FALSE(has_idx(folder_.path()));
  write_text_atomically(folder_ / "other/train-images-idx3-ubyte.txt", "x");
  EXPECT_FALSE(has_idx(folder_ / "other"));
  // What is not compressed, and has hyphens, goes before others.
  write_gzip("dots/train-images-idx3-ubyte.gz", random_pixels({2, 8, 8}));
  write("dots/train-images-idx3-ubyte", train);
  expect_read("dots");
}

class Told : public Observer {
 public:
  void info(const std::string& message) override { text += message + "\n"; }
  std::string text;
};

TEST_F(Idx, EmnistIsTransposedBack) {
  const torch::Tensor train = random_pixels({8, 28, 28});
  const torch::Tensor test = random_pixels({4, 28, 28}, 1);
  const torch::Tensor letters = labels_up_to(8, 4) + 1;  // 1 to 26 in EMNIST
  for (const std::string& below : {std::string("gzip/"), std::string("EMNIST/raw/")}) {
    write(below + "emnist-letters-train-images-idx3-ubyte", train);
    write(below + "emnist-letters-train-labels-idx1-ubyte", letters);
    write(below + "emnist-letters-test-images-idx3-ubyte", test);
    write(below + "emnist-letters-test-labels-idx1-ubyte", labels_up_to(4, 4) + 1);
  }
  for (const char* root : {"", "gzip", "EMNIST", "EMNIST/raw"}) {
    Told told;
    const ImageSplits splits = read_idx(folder_ / root, {}, told);
    EXPECT_TRUE(torch::equal(splits.train.images, train.transpose(1, 2).unsqueeze(1))) << root;
    EXPECT_TRUE(torch::equal(splits.test->images, test.transpose(1, 2).unsqueeze(1))) << root;
    EXPECT_TRUE(torch::equal(splits.train.labels, torch::arange(8) % 4)) << root;
    EXPECT_EQ(splits.train.class_names, (std::vector<std::string>{"1", "2", "3", "4"}));
    EXPECT_NE(told.text.find("transposed back"), std::string::npos) << told.text;
  }
  write("gzip/emnist-digits-train-images-idx3-ubyte", train);
  expect_error([&] { has_idx(folder_ / "gzip"); },
               {"gzip", "several sets", "emnist-digits, emnist-letters"});
}

TEST_F(Idx, LimitAndSize) {
  write("train-images-idx3-ubyte", random_pixels({9, 20, 30}));
  write("train-labels-idx1-ubyte", labels_up_to(9, 3));
  expect_error([&] { read(); }, {"train-images-idx3-ubyte", "30×20", "data.image_size"});
  const ImageSplits splits = read({16, 5});
  EXPECT_EQ(splits.train.images.sizes(), (torch::IntArrayRef{5, 1, 16, 16}));
  EXPECT_FALSE(splits.test.has_value());
}

TEST_F(Idx, Errors) {
  write("train-images-idx3-ubyte", random_pixels({3, 8, 8}));
  expect_error([&] { read(); }, {folder_.path().string(), "train-labels-idx1-ubyte"});
  write("train-labels-idx1-ubyte", labels_up_to(4, 4));
  expect_error([&] { read(); }, {"train-labels-idx1-ubyte: 4 labels", "3 images"});
  write("train-labels-idx1-ubyte", random_pixels({3, 1}));
  expect_error([&] { read(); }, {"train-labels-idx1-ubyte", "in 1 dimensions", "in 2 dimensions"});
  write_text_atomically(folder_ / "train-labels-idx1-ubyte", "plain text");
  expect_error([&] { read(); }, {"train-labels-idx1-ubyte: not an IDX file"});
  write("train-labels-idx1-ubyte", labels_up_to(3, 3));
  EXPECT_EQ(read().train.size(), 3);
  write("t10k-images-idx3-ubyte", random_pixels({3, 8, 8}));
  expect_error([&] { read(); }, {"t10k-labels-idx1-ubyte"});
}

TEST_F(Idx, PromisedSizesAreNotBelieved) {
  const std::string start("\0\0\x08\x03", 4);
  const auto read_bytes = [&](const std::string& bytes) {
    write_text_atomically(folder_ / "file", bytes);
    return read_idx_file(folder_ / "file", 3);
  };
  const std::string large = big_endian(0xFFFFFFFF);
  expect_error([&] { read_bytes(start + large + large + large); }, {"file: impossible sizes"});
  expect_error([&] { read_bytes(start + big_endian(0) + big_endian(1) + big_endian(1)); },
               {"file: impossible sizes"});
  // 4 GiB that are not there.
  const std::string many = big_endian(1 << 22) + big_endian(32) + big_endian(32);
  expect_error([&] { read_bytes(start + many + std::string(99, 'x')); },
               {"file: truncated: 99 of 4294967296 bytes"});
  const std::string one = start + big_endian(1) + big_endian(1) + big_endian(1);
  expect_error([&] { read_bytes(one + "xy"); }, {"file: longer than the 1 bytes"});
  EXPECT_EQ(read_bytes(one + "x").numel(), 1);
  expect_error([&] { read_idx_file(folder_.path(), 3); }, {folder_.path().string()});
}

TEST_F(Idx, DamagedFilesNeverCrash) {
  write("plain", random_pixels({5, 8, 8}));
  write_gzip("gzip", random_pixels({5, 8, 8}));
  expect_survives(folder_ / "damaged", read_text(folder_ / "plain"),
                  [&] { read_idx_file(folder_ / "damaged", 3); });
  expect_survives(folder_ / "damaged", read_text(folder_ / "gzip"),
                  [&] { read_idx_file(folder_ / "damaged", 3); });
}

TEST_F(Idx, RealFiles) {
  MKDT_SHARED_OR_SKIP(path, "data/mnist-small");
  const ImageSplits splits = read_idx(path, {}, silent_);
  EXPECT_EQ(splits.train.images.sizes(), (torch::IntArrayRef{5000, 1, 28, 28}));
  EXPECT_EQ(splits.test->size(), 1000);
  EXPECT_EQ(splits.train.class_names.size(), 10U);
}

}  // namespace
}  // namespace mkdt
