// Runs on folders of images: what lies among the images, and the names of rows.
#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/data/image_file.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/publish/export_set.h"
#include "mkdt/stages/stage.h"
#include "tests/stages/pipeline_fixture.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::PipelineTest;
using testing::StageObserver;

class ImageFolderRun : public PipelineTest {
 protected:
  ImageFolderRun() {
    for (int i = 0; i < 60; ++i) {
      at::Generator generator = make_generator(static_cast<uint64_t>(i), "tests/pixels");
      write_png(data_ / (i % 2 == 0 ? "dog" : "dog-house") / (std::to_string(100 + i) + ".png"),
                at::randint(0, 256, {3, 16, 16}, generator, torch::TensorOptions(torch::kUInt8)));
    }
    TensorFile file;
    file.tensors["embeddings"] = torch::arange(60 * 4, torch::kFloat32).view({60, 4}).sin();
    write_safetensors(rows_, file);
  }
  // The run of this data set with the rows of 60 images, up to the stage.
  StageObserver run_on_images(const std::string& stage, const fs::path& out) const {
    StageObserver observer;
    run_pipeline(*config({"data.format=auto", "data.root=" + data_.string(),
                          "teacher.representations=" + rows_.string()}),
                 out, stage, observer, testing::replace_it);
    return observer;
  }
  std::string names(const std::string& second) const {
    std::string text;
    for (int i = 0; i < 60; i += 2) text += "dog/" + std::to_string(100 + i) + ".png\n";
    for (int i = 1; i < 60; i += 2) text += second + "/" + std::to_string(100 + i) + ".png\n";
    return text;
  }

  fs::path data_ = folder_ / "photos";
  fs::path rows_ = folder_ / "rows.safetensors";
};

TEST_F(ImageFolderRun, NothingIsRedoneForFilesThatAreNotRead) {
  run_on_images("embed", folder_ / "run");
  write_text_atomically(data_ / ".DS_Store", "x");
  write_text_atomically(data_ / "dog/Thumbs.db", "x");
  write_text_atomically(data_ / "README", "x");
  EXPECT_EQ(run_on_images("embed", folder_ / "run").done, testing::Strings());
  fs::remove(data_ / "dog/100.png");
  EXPECT_THROW(run_on_images("embed", folder_ / "run"), Error);  // 60 rows for 59 images
}

TEST_F(ImageFolderRun, MayLieAmongItsImages) {
  const StageObserver first = run_on_images("embed", data_ / "run");
  EXPECT_NE(first.said.find("run: this run's folder lies within data.root"), std::string::npos);
  EXPECT_EQ(first.done, testing::Strings{"embed"});
  // Pictures of a run are none of the data.
  write_png(data_ / "run/distill/contact_sheet.png", torch::zeros({3, 16, 16}, torch::kUInt8));
  EXPECT_EQ(run_on_images("embed", data_ / "run").done, testing::Strings());
  EXPECT_EQ(run_on_images("embed", folder_ / "other").done, testing::Strings{"embed"});
  EXPECT_THROW(run_on_images("embed", data_), Error);
}

TEST_F(ImageFolderRun, ExportsAreNoData) {
  const StageObserver before = run_on_images("embed", folder_ / "run");
  SyntheticSet set;
  set.images = torch::zeros({2, 3, 16, 16});
  set.targets = torch::zeros({2, 4});
  set.normalisation = {{0.5, 0.5, 0.5}, {0.2, 0.2, 0.2}};
  export_set(set, data_ / "dog/exported", ExportFormat::kPng);
  export_set(set, data_ / "exported", ExportFormat::kPng);
  fs::copy_file(data_ / "exported/contact_sheet.png", data_ / "dog/mine.png");
  EXPECT_EQ(run_on_images("embed", folder_ / "run").done, testing::Strings());
}

TEST_F(ImageFolderRun, NamesBesideRowsAreChecked) {
  EXPECT_NE(run_on_images("embed", folder_ / "run").said.find("rows.safetensors.names', a line"),
            std::string::npos);
  const fs::path file = folder_ / "rows.safetensors.names";
  write_text_atomically(file, names("dog-house"));
  EXPECT_EQ(run_on_images("embed", folder_ / "run").done, testing::Strings());  // they fit
  const StageObserver checked = run_on_images("embed", folder_ / "other");
  EXPECT_NE(checked.said.find("are in the order of the 60 images"), std::string::npos);
  write_text_atomically(file, names("doghouse"));
  try {
    run_on_images("embed", folder_ / "run");
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("line 31 is 'doghouse/101.png'"), std::string::npos)
        << error.what();
  }
}

TEST_F(ImageFolderRun, OptionsThatCameLaterCountWhereTheyAreSet) {
  const auto plain = config();
  const auto set = config({"data.labels=false", "data.test_limit=50"});
  for (const Stage& stage : stages_of(*plain)) {
    EXPECT_EQ(stage.options(*plain).count("data.labels"), 0U) << stage.name;
    EXPECT_EQ(stage.options(*plain).count("data.classes"), 0U) << stage.name;
    EXPECT_EQ(stage.options(*set).at("data.labels"), "false") << stage.name;
    EXPECT_EQ(stage.options(*set).at("data.test_limit"), "50") << stage.name;
  }
}

}  // namespace
}  // namespace mkdt
