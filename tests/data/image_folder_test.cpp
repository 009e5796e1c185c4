#include "mkdt/data/image_folder.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "mkdt/data/image_file.h"
#include "mkdt/data/image_list.h"
#include "mkdt/data/resize.h"
#include "tests/data/data_fixture.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

using testing::expect_error;
using testing::random_pixels;
using testing::TemporaryFolder;

class ImageFolder : public ::testing::Test {
 protected:
  ImageSplits read(const ReadOptions& options = {}) {
    return read_image_folder(folder_.path(), options, silent_);
  }
  // A PNG of random pixels; returns them.
  torch::Tensor write(const std::string& name, const std::vector<int64_t>& shape = {3, 8, 8}) {
    const torch::Tensor image = random_pixels(shape, std::hash<std::string>()(name));
    write_png(folder_ / name, image);
    return image;
  }

  TemporaryFolder folder_;
  Observer silent_;
};

TEST_F(ImageFolder, SplitsOfClassFolders) {
  const torch::Tensor b0 = write("train/bear/0.png");
  const torch::Tensor a1 = write("train/ape/1.PNG");
  const torch::Tensor a0 = write("train/ape/deeper/0.jpeg");
  const torch::Tensor t0 = write("test/ape/0.png");
  write("test/bear/0.png");
  write("train/ape/.hidden.png");
  write_text_atomically(folder_ / "train/ape/notes.txt", "not an image");
  write_text_atomically(folder_ / "train/.DS_Store", "nor this");
  const ImageSplits splits = read();
  EXPECT_EQ(splits.train.class_names, (std::vector<std::string>{"ape", "bear"}));
  EXPECT_TRUE(torch::equal(splits.train.images, torch::stack({a1, a0, b0})));
  EXPECT_TRUE(torch::equal(splits.train.labels, torch::tensor({0, 0, 1}, torch::kInt64)));
  EXPECT_TRUE(torch::equal(splits.test->images[0], t0));
  EXPECT_EQ(splits.test->size(), 2);
}

TEST_F(ImageFolder, ValIsTestWhereThereIsNone) {
  write("train/a/0.png");
  write("train/b/0.png");
  write("val/a/0.png");
  write("val/b/0.png");
  EXPECT_EQ(read().test->size(), 2);
}

TEST_F(ImageFolder, ClassesWithoutSplits) {
  write("a/0.png");
  write("b/0.png");
  write("b/1.png");
  const ImageSplits splits = read();
  EXPECT_EQ(splits.train.size(), 3);
  EXPECT_FALSE(splits.test.has_value());
  EXPECT_TRUE(splits.train.labelled());
}

TEST_F(ImageFolder, ImagesWithoutClassesAreUnlabelled) {
  const torch::Tensor first = write("x1.png");
  const torch::Tensor second = write("x2.png");
  const ImageSplits splits = read();
  EXPECT_TRUE(torch::equal(splits.train.images, torch::stack({first, second})));
  EXPECT_FALSE(splits.train.labelled());
  EXPECT_TRUE(splits.train.class_names.empty());
}

TEST_F(ImageFolder, AnnotatedValidationImages) {
  write("train/n01/images/n01_0.png");
  write("train/n02/images/n02_0.png");
  write("val/images/val_0.png");
  write("val/images/val_1.png");
  write("test/images/test_0.png");
  write_text_atomically(folder_ / "val/val_annotations.txt",
                        "val_0.png\tn02\t0\t32\t44\t62\nval_1.png\tn01\t5\t6\t7\t8\n");
  write_text_atomically(folder_ / "wnids.txt", "n01\nn02\n");
  const ImageSplits splits = read();
  ASSERT_TRUE(splits.test.has_value());
  EXPECT_TRUE(torch::equal(splits.test->labels, torch::tensor({1, 0}, torch::kInt64)));
  write("val/images/val_2.png");
  expect_error([&] { read(); }, {"val_annotations.txt: no class for val_2.png"});
}

TEST_F(ImageFolder, GreyAmongColourGetsThreeChannels) {
  const torch::Tensor grey = write("a.png", {1, 8, 8});
  EXPECT_EQ(read().train.channels(), 1);
  const torch::Tensor colour = write("b.png", {3, 8, 8});
  const ImageSplits splits = read();
  EXPECT_TRUE(torch::equal(splits.train.images[0], grey.expand({3, 8, 8})));
  EXPECT_TRUE(torch::equal(splits.train.images[1], colour));
}

TEST_F(ImageFolder, MixedSizesNeedAnImageSize) {
  write("a.png", {3, 8, 8});
  const torch::Tensor odd = write("b.png", {3, 9, 10});
  expect_error([&] { read(); }, {"b.png", "10×9", "a.png", "8×8", "data.image_size"});
  const ImageSplits splits = read({16, 0});
  EXPECT_TRUE(torch::equal(splits.train.images[1], resize_and_crop(odd, 16)));
}

TEST_F(ImageFolder, NonSquareImagesNeedAnImageSize) {
  write("a.png", {3, 8, 9});
  write("b.png", {3, 8, 9});
  expect_error([&] { read(); }, {"a.png", "9×8", "not square", "data.image_size"});
  EXPECT_EQ(read({8, 0}).train.image_size(), 8);
}

TEST_F(ImageFolder, LimitSpreadsOverTheClasses) {
  for (const char* name : {"a/0", "a/1", "a/2", "b/0", "b/1", "b/2"}) {
    write(std::string(name) + ".png");
  }
  const ImageSplits splits = read({0, 2});
  EXPECT_TRUE(torch::equal(splits.train_rows, torch::tensor({0, 3}, torch::kInt64)));
  EXPECT_TRUE(torch::equal(splits.train.labels, torch::tensor({0, 1}, torch::kInt64)));
  EXPECT_EQ(splits.source_rows, 6);
  EXPECT_EQ(read({0, 100}).train.size(), 6);
}

TEST_F(ImageFolder, AllBadFilesAreReportedByAnyNumberOfThreads) {
  for (int i = 100; i < 160; ++i) write(std::to_string(i) + ".png");
  for (const char* name : {"100.png", "124.png", "159.png"}) {
    write_text_atomically(folder_ / name, "text");
  }
  for (const int threads : {1, 2, 8}) {
    at::set_num_threads(threads);
    for (const int64_t size : {0, 16}) {
      expect_error(
          [&] {
            read({size, 0});
          },
          {"3 of 60 images cannot be read: ", "100.png: not a JPEG or PNG image; ",
           "124.png: not a JPEG or PNG image; ", "159.png: not a JPEG or PNG image"});
    }
  }
  for (int i = 110; i < 120; ++i) {
    write_text_atomically(folder_ / (std::to_string(i) + ".png"), "<html>");
  }
  expect_error([&] { read(); }, {"13 of 60 images cannot be read: ", "100.png: not a JPEG",
                                 "118.png: not a JPEG or "
                                 "PNG image but an HTML page",
                                 "; and 3 more"});
}

TEST_F(ImageFolder, ASingleBadFileIsNamed) {
  write("a.png");
  write_text_atomically(folder_ / "b.png", "RIFF\x10\x20\x30\x40WEBPVP8 ");
  expect_error([&] { read(); }, {"b.png: not a JPEG or PNG image but a WebP image; only"});
}

TEST_F(ImageFolder, TestImagesHaveALimitOfTheirOwn) {
  for (const char* name : {"a/0", "a/1", "b/0", "b/1"}) {
    write("train/" + std::string(name) + ".png");
    write("test/" + std::string(name) + ".png");
  }
  ReadOptions options;
  options.test_limit = 2;
  const ImageSplits splits = read(options);
  EXPECT_EQ(splits.train.size(), 4);
  EXPECT_TRUE(torch::equal(splits.test_rows, torch::tensor({0, 2}, torch::kInt64)));
  EXPECT_TRUE(torch::equal(splits.test->labels, torch::tensor({0, 1}, torch::kInt64)));
  EXPECT_EQ(splits.source_test_rows, 4);
}

TEST_F(ImageFolder, WhatIsPassedOverIsSaidOnce) {
  struct Listener : Observer {
    void warn(const std::string& message) override { said += message + "\n"; }
    std::string said;
  } listener;
  write("a.png");
  for (const char* name : {"1.webp", "2.webp", "3.BMP"}) write_text_atomically(folder_ / name, "");
  read_image_folder(folder_.path(), {}, listener);
  EXPECT_EQ(listener.said, folder_.path().string() +
                               ": 3 files passed over: 2 .webp, 1 .bmp; images are .jpg, .jpeg and "
                               ".png files\n");
}

TEST_F(ImageFolder, ProgressIsReported) {
  struct Counter : Observer {
    void begin(const std::string& /*task*/, int64_t total, const std::string& unit) override {
      EXPECT_EQ(total, 2);
      EXPECT_EQ(unit, "images");
    }
    void advance(int64_t done, const std::string& /*note*/) override { last = done; }
    void end() override { ++ends; }
    int64_t last = 0;
    int ends = 0;
  } counter;
  write("a.png");
  write("b.png");
  read_image_folder(folder_.path(), {}, counter);
  EXPECT_EQ(counter.last, 2);
  EXPECT_EQ(counter.ends, 1);
}

TEST_F(ImageFolder, LayoutErrors) {
  const std::string root = folder_.path().string();
  expect_error([&] { read(); }, {root + ": no images"});
  write("test/a/0.png");
  expect_error([&] { read(); }, {root + ": test/ without train/"});
  std::filesystem::create_directory(folder_ / "Train");
  expect_error([&] { read(); }, {(folder_ / "Train").string() + ": no images"});
  std::filesystem::remove(folder_ / "Train");
  write("train/a/0.png");
  write("train/b/0.png");
  expect_error([&] { read(); }, {"class 'b' is in train/ but not in test/"});
  write("test/b/0.png");
  EXPECT_EQ(read().test->size(), 2);
  write("test/c/0.png");
  expect_error([&] { read(); }, {"class 'c' is in test/ but not in train/"});
  std::filesystem::remove_all(folder_ / "test/c");
  std::filesystem::create_directory(folder_ / "train/c");
  expect_error([&] { read(); }, {(folder_ / "train/c").string() + ": no images"});
  std::filesystem::remove(folder_ / "train/c");
  write("tset/0.png");
  expect_error([&] { read(); }, {root, "'tset'"});
  std::filesystem::remove_all(folder_ / "tset");
  write("train/stray.png");
  expect_error([&] { read(); }, {"stray.png", "beside class folders"});
}

TEST_F(ImageFolder, CircularLinksEnd) {
  write("a/0.png");
  write("b/0.png");
  std::filesystem::create_directory_symlink(folder_.path(), folder_ / "a/loop");
  expect_error([&] { read(); }, {"folders deep"});
}

}  // namespace
}  // namespace mkdt
