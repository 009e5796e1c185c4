// `mkdt data`, and what is said of files that are written among images.
#include <gtest/gtest.h>

#include "mkdt/io/durable_file.h"
#include "tests/cli/program.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::ProgramResult;
using testing::run_program;
using testing::TemporaryFolder;

class DataCommand : public ::testing::Test {
 protected:
  DataCommand() {
    for (const char* name : {"train/dog-house/1.png", "train/dog/2.png", "train/dog/01/1.png",
                             "train/dog/3.webp", "test/dog/1.png", "test/dog-house/1.png"}) {
      write_text_atomically(folder_ / "photos" / name, "");
    }
    write_text_atomically(folder_ / "x.toml",
                          "[data]\nroot = \"" + (folder_ / "photos").string() + "\"\n");
  }
  ProgramResult data(const std::string& arguments = "") const {
    return run_program("data " + (folder_ / "x.toml").string() + " " + arguments);
  }

  TemporaryFolder folder_;
};

TEST_F(DataCommand, ListsFilesInTheOrderOfRows) {
  const ProgramResult train = data("--list");
  EXPECT_EQ(train.status, 0) << train.err;
  EXPECT_EQ(train.out, "train/dog/2.png\ntrain/dog/01/1.png\ntrain/dog-house/1.png\n");
  EXPECT_EQ(data("--list --split test").out, "test/dog/1.png\ntest/dog-house/1.png\n");
  EXPECT_EQ(data("--list --data.limit 1").out, train.out);
}

TEST_F(DataCommand, SaysWhatIsRead) {
  const ProgramResult result = data();
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find("training  3 images, 2 classes: 'dog', 'dog-house'"), std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("test      2 images, 2 classes"), std::string::npos) << result.out;
  EXPECT_NE(result.err.find("1 file passed over: 1 .webp"), std::string::npos) << result.err;
  EXPECT_NE(data("--set data.labels=false").out.find("3 images, unlabelled"), std::string::npos);
}

TEST_F(DataCommand, OtherFormatsHaveFilesOfRecords) {
  const fs::path cifar = folder_ / "cifar";
  write_text_atomically(cifar / "data_batch_1.bin", "");
  const ProgramResult result = data("--set data.root=" + cifar.string());
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find("data_batch_1.bin"), std::string::npos) << result.out;
  const ProgramResult list = data("--list --set data.root=" + cifar.string());
  EXPECT_EQ(list.status, 2);
  EXPECT_NE(list.err.find("data.format is 'cifar'"), std::string::npos) << list.err;
}

TEST_F(DataCommand, FilesThatAreWrittenAmongImagesAreSaidToBe) {
  const auto sheet = [&](const fs::path& out) {
    return run_program("augment-sheet " + (folder_ / "x.toml").string() +
                       " --set data.format=shapes --set data.shapes_train=100"
                       " --set data.shapes_test=100 --images 2 --pairs 1 --out " +
                       out.string());
  };
  const ProgramResult inside = sheet(folder_ / "photos/train/sheet.png");
  EXPECT_EQ(inside.status, 0) << inside.err;
  EXPECT_NE(inside.err.find("sheet.png: lies among images"), std::string::npos) << inside.err;
  EXPECT_EQ(sheet(folder_ / "elsewhere/sheet.png").err.find("among"), std::string::npos);
  // And it is none of them.
  EXPECT_EQ(data("--list").out, "train/dog/2.png\ntrain/dog/01/1.png\ntrain/dog-house/1.png\n");
}

}  // namespace
}  // namespace mkdt
