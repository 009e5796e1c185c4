#include "mkdt/data/cifar.h"

#include <cstdlib>
#include <map>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "mkdt/data/dataset.h"
#include "tests/data/data_fixture.h"
#include "tests/fixtures/python.h"
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

TEST_F(Cifar, BothSplitsAreReadWhereThereIsNoThreadForTheSecond) {
  const torch::Tensor images = random_pixels({5, 3, 32, 32});
  write("data_batch_1.bin", records(images, 0, 1));
  write("test_batch.bin", records(images.slice(0, 3, 5), 9, 0));
  const testing::ThreadLimit limit(0);
  const ImageSplits splits = read();
  EXPECT_EQ(limit.refused(), 1);
  EXPECT_TRUE(torch::equal(splits.train.images, images));
  EXPECT_TRUE(torch::equal(splits.test->images, images.slice(0, 3, 5)));
}

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

TEST_F(Cifar, IsFoundWhereItsArchiveIsUnpacked) {
  const torch::Tensor images = random_pixels({3, 3, 32, 32});
  write("cifar-10-batches-bin/data_batch_1.bin", records(images, 0, 1));
  EXPECT_TRUE(has_cifar(folder_.path()));
  EXPECT_TRUE(torch::equal(read().train.images, images));
}

// The version for Python is named with what to do; the line that it gives makes the binary one.
TEST_F(Cifar, PicklesAreNamedWithTheRemedy) {
  write("ten/cifar-10-batches-py/data_batch_1", "\x80\x02}q\x01");
  write("hundred/train", "\x80\x02}q\x01");
  write("neither/train", "text");
  EXPECT_NO_THROW(refuse_cifar_pickles(folder_ / "neither"));
  const std::map<std::string, std::string> archives = {{"ten", "cifar-10-binary.tar.gz"},
                                                       {"hundred", "cifar-100-binary.tar.gz"}};
  for (const auto& [name, archive] : archives) {
    EXPECT_FALSE(has_cifar(folder_ / name));
    for (const char* format : {"auto", "cifar", "folder"}) {
      DataOptions options;
      options.format = format;
      options.root = (folder_ / name).string();
      expect_error([&] { load_dataset(options, 0, silent_); },
                   {name, "Python version", archive, "python3 -c"});
    }
  }
}

TEST_F(Cifar, TheRemedyForPicklesWritesTheBinaryVersion) {
  MKDT_PYTHON_OR_SKIP("numpy");
  testing::run_python(R"(
import os, pickle, sys, numpy
def write(path, **entries):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    pickle.dump({key.encode(): value for key, value in entries.items()}, open(path, "wb"), 2)
def pixels(first):
    return (numpy.arange(first, first + 2 * 3072) % 251).astype("u1").reshape(2, 3072)
for i, name in enumerate(["data_batch_%d" % i for i in range(1, 6)] + ["test_batch"]):
    write(sys.argv[1] + "/ten/" + name, data=pixels(i), labels=[i, 9])
for i, name in enumerate(["train", "test"]):
    write(sys.argv[1] + "/hundred/" + name, data=pixels(i), coarse_labels=[1, 2], fine_labels=[i, 99])
)",
                      {folder_.path().string()});
  for (const char* name : {"ten", "hundred"}) {
    std::string message;
    try {
      refuse_cifar_pickles(folder_ / name);
    } catch (const Error& error) {
      message = error.what();
    }
    const size_t begin = message.find("cd '");
    ASSERT_NE(begin, std::string::npos) << message;
    std::string command = message.substr(begin);
    command.replace(command.find("python3"), 7, "/usr/bin/python3");
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
    const ImageSplits splits = read_cifar(folder_ / name, {}, silent_);
    const bool ten = std::string(name) == "ten";
    const torch::Tensor first = (torch::arange(2 * 3072) % 251).to(torch::kUInt8);
    EXPECT_TRUE(torch::equal(splits.train.images.slice(0, 0, 2), first.view({2, 3, 32, 32})));
    EXPECT_EQ(splits.train.size(), ten ? 10 : 2);
    EXPECT_EQ(splits.train.labels[1].item<int64_t>(), ten ? 9 : 99);
    EXPECT_EQ(splits.test->labels[0].item<int64_t>(), ten ? 5 : 1);
  }
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
  expect_error([&] { read(); }, {folder_.path().string(), "data_batch_1.bin", "train.bin",
                                 "set data.format to auto"});
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
