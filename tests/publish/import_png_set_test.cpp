#include "mkdt/publish/import_png_set.h"

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/publish/export_set.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

SyntheticSet small_set() {
  at::Generator generator = make_generator(1, "test/import");
  SyntheticSet set;
  set.normalisation = {{0.5F, 0.4F, 0.3F}, {0.2F, 0.25F, 0.3F}};
  // Inside the range of pixels.
  set.images = (torch::randn({4, 3, 6, 6}, generator) * 0.3).clamp(-0.9, 0.9);
  set.targets = torch::randn({4, 5}, generator);
  set.syn_lr = 0.125;
  set.provenance = {{"seed", "7"}};
  return set;
}

class ImportPngSet : public ::testing::Test {
 protected:
  ImportPngSet() { export_set(set_, path_, ExportFormat::kPng); }

  std::string error() const {
    try {
      import_png_set(path_);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  testing::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "png";
  SyntheticSet set_ = small_set();
};

TEST_F(ImportPngSet, KeepsEverythingButTheRounding) {
  const SyntheticSet back = import_png_set(path_);
  // Half a step of 1/255 in each channel's unit, the smallest deviation being 0.2.
  const double step = 0.5 / 255 / 0.2;
  EXPECT_LE((back.images - set_.images).abs().max().item<double>(), step * 1.001);
  EXPECT_GT((back.images - set_.images).abs().max().item<double>(), step / 10);
  EXPECT_TRUE(torch::equal(back.targets, set_.targets));
  EXPECT_EQ(back.syn_lr, set_.syn_lr);
  EXPECT_EQ(back.normalisation.mean, set_.normalisation.mean);
  EXPECT_EQ(back.normalisation.std, set_.normalisation.std);
  EXPECT_EQ(back.provenance, set_.provenance);
}

TEST_F(ImportPngSet, ASecondRoundTripChangesNothing) {
  const SyntheticSet once = import_png_set(path_);
  export_set(once, path_, ExportFormat::kPng);
  EXPECT_TRUE(torch::equal(import_png_set(path_).images, once.images));
}

TEST_F(ImportPngSet, TheFilesMayBeLeftOut) {
  SyntheticSet grey = small_set();
  grey.images = grey.images.narrow(1, 0, 1).clone();
  grey.normalisation = {{0.1F}, {0.7F}};
  for (const SyntheticSet& set : {set_, grey}) {
    export_set(set, path_, ExportFormat::kPng);
    const SyntheticSet there = import_png_set(path_), short_cut = after_png_files(set);
    EXPECT_TRUE(torch::equal(short_cut.images, there.images));
    EXPECT_FALSE(torch::equal(short_cut.images, set.images));
    EXPECT_TRUE(torch::equal(short_cut.targets, there.targets));
    EXPECT_EQ(short_cut.syn_lr, there.syn_lr);
    EXPECT_EQ(short_cut.normalisation.mean, there.normalisation.mean);
    EXPECT_EQ(short_cut.normalisation.std, there.normalisation.std);
    EXPECT_EQ(short_cut.provenance, there.provenance);
  }
}

TEST_F(ImportPngSet, NamesWhatIsMissingOrDoesNotFit) {
  write_text_atomically(path_ / "000002.png", "no picture");
  EXPECT_NE(error().find("000002.png"), std::string::npos) << error();
  export_set(set_, path_, ExportFormat::kPng);
  std::filesystem::remove(path_ / "targets.npy");
  EXPECT_NE(error().find("targets.npy"), std::string::npos) << error();
  set_.normalisation.std[1] = 0;
  export_set(set_, path_, ExportFormat::kPng);
  EXPECT_NE(error().find("above 0 in 'std'"), std::string::npos) << error();
  write_text_atomically(path_ / "metadata.json", "{}");
  EXPECT_NE(error().find("metadata.json"), std::string::npos) << error();
}

}  // namespace
}  // namespace mkdt
