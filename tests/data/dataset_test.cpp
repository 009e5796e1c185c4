#include "mkdt/data/dataset.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "mkdt/data/image_file.h"
#include "tests/data/data_fixture.h"
#include "tests/fixtures/shared_folder.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

using testing::expect_error;
using testing::random_pixels;
using testing::TemporaryFolder;

class LoadDataset : public ::testing::Test {
 protected:
  Dataset load(uint64_t seed = 0) { return load_dataset(options_, seed, silent_); }
  // Flat folder of `count` unlabelled pictures.
  void write_images(int64_t count, int64_t channels = 3) {
    for (int64_t i = 0; i < count; ++i) {
      write_png(folder_ / std::to_string(100 + i).append(".png"),
                random_pixels({channels, 8, 8}, static_cast<uint64_t>(i)));
    }
    options_.root = folder_.path().string();
  }

  TemporaryFolder folder_;
  DataOptions options_;
  Observer silent_;
};

TEST_F(LoadDataset, PartsAreDisjointAndCoverAll) {
  write_images(30);
  options_.validation_fraction = 0.2;
  const Dataset data = load();
  EXPECT_EQ(data.validation.size(), 6);
  EXPECT_EQ(data.test.size(), 6);
  EXPECT_EQ(data.train.size(), 18);
  const torch::Tensor pixels =
      torch::cat({data.train.images, data.validation.images, data.test.images}).flatten(1);
  EXPECT_EQ(std::get<0>(torch::unique_dim(pixels, 0)).size(0), 30);
  EXPECT_EQ(data.source_rows, 30);
  for (int64_t i = 0; i < data.train.size(); ++i) {
    const auto row = data.train_rows[i].item<int64_t>();
    EXPECT_TRUE(
        torch::equal(data.train.images[i], random_pixels({3, 8, 8}, static_cast<uint64_t>(row))));
  }
}

TEST_F(LoadDataset, SplitDependsOnTheSeedAlone) {
  write_images(30);
  EXPECT_TRUE(torch::equal(load(1).train.images, load(1).train.images));
  EXPECT_FALSE(torch::equal(load(1).validation.images, load(2).validation.images));
}

TEST_F(LoadDataset, GreyImagesAreFedAsThreeChannelsWithTheirOwnNormalisation) {
  write_images(20, 1);
  const Dataset data = load();
  for (const ImageSet* set : {&data.train, &data.validation, &data.test}) {
    EXPECT_EQ(set->channels(), 3);
    EXPECT_EQ(set->normalisation.mean, data.train.normalisation.mean);
    EXPECT_EQ(set->name, folder_.path().filename().string());
  }
  const Normalisation measured = measured_normalisation(data.train.images);
  EXPECT_EQ(data.train.normalisation.mean, measured.mean);
  EXPECT_EQ(data.train.normalisation.std, measured.std);
}

TEST_F(LoadDataset, NormalisationByName) {
  write_images(20);
  options_.root += "/";
  options_.normalisation = "flowers";
  const Dataset data = load();
  EXPECT_EQ(data.train.normalisation.mean, published_normalisation("flowers")->mean);
  EXPECT_EQ(data.train.name, folder_.path().filename().string());
}

TEST_F(LoadDataset, Shapes) {
  options_.format = "shapes";
  options_.shapes_train = 200;
  options_.shapes_test = 100;
  options_.image_size = 16;
  const Dataset data = load();
  EXPECT_EQ(data.train.images.sizes(), (torch::IntArrayRef{180, 3, 16, 16}));
  EXPECT_EQ(data.validation.size(), 20);
  EXPECT_EQ(data.test.size(), 100);
  EXPECT_EQ(data.train.name, "shapes");
  options_.limit = 50;
  EXPECT_EQ(load().train.size(), 45);
}

TEST_F(LoadDataset, ArchivesOneLevelDownAreNamed) {
  write_text_atomically(folder_ / "downloads/data_batch_1.bin", "");
  options_.root = folder_.path().string();
  expect_error([&] { load(); }, {"data.root: the data set seems to be further down; set it to '" +
                                 (folder_ / "downloads").string() + "'"});
}

TEST_F(LoadDataset, TestImagesAndLabelsMayBeLeftOut) {
  options_.format = "shapes";
  options_.shapes_train = 100;
  options_.shapes_test = 100;
  options_.image_size = 16;
  const Dataset all = load();
  EXPECT_EQ(all.source_test_rows, 100);
  options_.test_limit = 30;
  options_.labels = false;
  const Dataset data = load();
  EXPECT_TRUE(torch::equal(data.test.images, all.test.images.narrow(0, 0, 30)));
  EXPECT_TRUE(torch::equal(data.test_rows, torch::arange(30)));
  EXPECT_EQ(data.source_test_rows, 100);
  EXPECT_TRUE(all.test.labelled());
  EXPECT_FALSE(data.test.labelled());
  EXPECT_FALSE(data.train.labelled());
  EXPECT_TRUE(data.validation.class_names.empty());
}

TEST_F(LoadDataset, RealSets) {
  MKDT_SHARED_OR_SKIP(shared, "data");
  options_.root = (shared / "cifar10-small").string();
  const Dataset cifar = load();
  EXPECT_EQ(cifar.train.size(), 5400);
  EXPECT_EQ(cifar.validation.size(), 600);
  EXPECT_EQ(cifar.test.size(), 2000);
  EXPECT_EQ(cifar.train.name, "cifar10-small");
  EXPECT_EQ(cifar.train.normalisation.mean, published_normalisation("cifar10")->mean);
  options_.normalisation = "measured";
  EXPECT_NE(load().train.normalisation.mean, published_normalisation("cifar10")->mean);

  options_ = {};
  options_.root = (shared / "mnist-small").string();
  options_.image_size = 32;
  options_.limit = 1000;
  const Dataset mnist = load();
  EXPECT_EQ(mnist.train.images.sizes(), (torch::IntArrayRef{900, 3, 32, 32}));
  EXPECT_EQ(mnist.test.size(), 1000);
}

TEST_F(LoadDataset, Errors) {
  expect_error([&] { load(); }, {"data.root: set it", "'auto'"});
  options_.root = "/no/such/place";
  expect_error([&] { load(); }, {"data.root: no such folder: '/no/such/place'"});
  write_text_atomically(folder_ / "file", "");
  options_.root = (folder_ / "file").string();
  expect_error([&] { load(); }, {"data.root: not a folder"});
  options_.root = folder_.path().string();
  expect_error([&] { load(); }, {options_.root, "no images"});
  write_images(2);
  expect_error([&] { load(); }, {"data.validation_fraction"});
  options_.image_size = 5;
  expect_error([&] { load(); }, {"data.image_size: expected 0 or 8 to 512, got 5"});
  options_.image_size = 0;
  options_.normalisation = "moon";
  expect_error([&] { load(); }, {"data.normalisation", "'moon'"});
  options_.normalisation = "auto";
  options_.format = "tar";
  expect_error([&] { load(); }, {"data.format", "'tar'"});
}

TEST(DataOptions, EveryMemberIsAnOption) {
  OptionTable table;
  DataOptions options;
  OptionSection section = table.section("data");
  options.declare(section);
  EXPECT_EQ(table.options().size(), 12U);
  table.assign("data.format=shapes");
  table.assign("data.validation_fraction=0.25");
  table.assign("data.shapes_train=500");
  EXPECT_EQ(options.format, "shapes");
  EXPECT_EQ(options.validation_fraction, 0.25);
  EXPECT_EQ(options.shapes_train, 500);
  expect_error([&] { table.assign("data.format=zip"); }, {"data.format"});
  for (const Option& option : table.options()) {
    EXPECT_EQ(option.help.back(), '.') << option.name;
  }
}

}  // namespace
}  // namespace mkdt
