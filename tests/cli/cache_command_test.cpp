// `mkdt cache`, and the images that commands keep there.
#include <chrono>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "mkdt/data/image_file.h"
#include "mkdt/io/durable_file.h"
#include "tests/cli/program.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::ProgramResult;
using testing::run_program;
using testing::TemporaryFolder;

class CacheCommand : public ::testing::Test {
 protected:
  CacheCommand() {
    for (int i = 0; i < 20; ++i) {
      const fs::path file = folder_ / "photos" / (std::to_string(i) + ".png");
      write_png(file, torch::full({3, 16, 16}, i, torch::kUInt8));
      fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(1));
    }
    write_text_atomically(folder_ / "x.toml",
                          "[data]\nroot = \"" + (folder_ / "photos").string() + "\"\n");
  }
  // Reads the images, and draws some of them.
  ProgramResult read(const std::string& cache) const {
    return run_program("augment-sheet " + (folder_ / "x.toml").string() +
                       " --images 2 --pairs 1 --out " + (folder_ / "sheet.png").string() +
                       " --set data.cache=" + cache);
  }
  ProgramResult cache(const std::string& arguments = "") const {
    return run_program("cache --folder " + (folder_ / "cache").string() + " " + arguments);
  }

  TemporaryFolder folder_;
};

TEST_F(CacheCommand, ListsAndClearsWhatCommandsKeep) {
  const std::string photos = fs::canonical(folder_ / "photos").string();
  EXPECT_EQ(cache().out.find(photos), std::string::npos);
  const ProgramResult first = read((folder_ / "cache").string());
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_EQ(first.err.find("decoded before"), std::string::npos) << first.err;
  const ProgramResult second = read((folder_ / "cache").string());
  EXPECT_NE(second.err.find("20 images, decoded before"), std::string::npos) << second.err;
  EXPECT_NE(cache().out.find(photos), std::string::npos) << cache().out;

  const ProgramResult cleared = cache("--clear");
  EXPECT_EQ(cleared.status, 0) << cleared.err;
  EXPECT_EQ(cleared.out.find(photos), std::string::npos) << cleared.out;
  EXPECT_TRUE(fs::exists(folder_ / "photos/0.png"));
}

TEST_F(CacheCommand, NothingIsKeptOfSmallSetsUnlessAFolderIsNamed) {
  EXPECT_EQ(read("none").status, 0);
  EXPECT_EQ(read("auto").status, 0);
  EXPECT_EQ(read("auto").err.find("decoded before"), std::string::npos);
}

}  // namespace
}  // namespace mkdt
