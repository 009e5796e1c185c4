// Configurations that come with the program, by their names.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tests/cli/program.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/stages/tiny_run.h"

namespace mkdt::testing {
namespace {

namespace fs = std::filesystem;

// A copy of the program, installed with presets, in a working folder that has none.
class Presets : public ::testing::Test {
 protected:
  Presets() {
    fs::create_directories(folder_ / "bin");
    fs::create_directories(folder_ / "work");
    fs::create_directories(folder_ / "share/mkdt/configs");
    fs::copy_file(std::getenv("MKDT_PROGRAM"), folder_ / "bin/mkdt");
    write_text_atomically(folder_ / "share/mkdt/configs/demo.toml",
                          std::string("# The demo, so to speak.\n") + tiny_config());
    write_text_atomically(folder_ / "share/mkdt/configs/other.toml", "[data]\nformat = \"idx\"\n");
  }

  ProgramResult run(const std::string& arguments) const {
    const std::string command =
        "cd " + (folder_ / "work").string() + " && ../bin/mkdt " + arguments + " >../out 2>../err";
    const int status = std::system(command.c_str());
    return {WEXITSTATUS(status), read_text(folder_ / "out"), read_text(folder_ / "err")};
  }

  TemporaryFolder folder_;
};

TEST_F(Presets, AreListedWithALineEach) {
  const ProgramResult list = run("presets");
  EXPECT_EQ(list.status, 0) << list.err;
  EXPECT_EQ(list.out.rfind("demo   The demo, so to speak.\nother  \n\nThey lie in ", 0), 0U)
      << list.out;
  EXPECT_EQ(run("presets other").out, "[data]\nformat = \"idx\"\n");
  const ProgramResult unknown = run("presets dmeo");
  EXPECT_EQ(unknown.status, 2);
  EXPECT_NE(unknown.err.find("no preset 'dmeo'; the nearest is 'demo'"), std::string::npos);
}

TEST_F(Presets, RunByNameIntoTheWorkingFolder) {
  const ProgramResult result = run("teacher demo");
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(fs::exists(folder_ / "work/runs/demo/config.toml"));
  EXPECT_EQ(run("teacher runs/demo").status, 0);  // goes on with it
  EXPECT_EQ(run("data demo").status, 0);
}

TEST_F(Presets, FilesAndRunsOfThatNameComeFirst) {
  write_text_atomically(folder_ / "work/other", "[data]\nformat = \"shapes\"\n");
  EXPECT_NE(run("data other").out.find("shapes"), std::string::npos);
  fs::create_directories(folder_ / "work/demo");  // no run: the preset is meant
  EXPECT_EQ(run("data demo").status, 0);
  write_text_atomically(folder_ / "work/demo/config.toml", "[data]\nnothing = 1\n");
  EXPECT_NE(run("data demo").err.find("demo/config.toml"), std::string::npos);
}

TEST_F(Presets, TheNearestIsNamed) {
  const ProgramResult result = run("run dmeo");
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.err.find("no file and no run folder, and there is no preset 'dmeo'; the nearest "
                            "is 'demo', and `mkdt presets` lists all"),
            std::string::npos)
      << result.err;
}

TEST(PresetsOfTheSources, HaveALineThatFitsATerminal) {
  const fs::path folder = fs::path(std::getenv("MKDT_SOURCE_DIR")) / "configs";
  const std::string list = run_program("presets").out;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().stem().string();
    const size_t begin = list.find("\n" + name + " ") == std::string::npos
                             ? list.rfind(name + " ", 0)
                             : list.find("\n" + name + " ") + 1;
    ASSERT_NE(begin, std::string::npos) << name << "\n" << list;
    const std::string line = list.substr(begin, list.find('\n', begin) - begin);
    EXPECT_GT(line.size(), 40U) << line;
    EXPECT_LE(line.size(), 100U) << line;
    EXPECT_EQ(line.back(), '.') << line;
  }
}

}  // namespace
}  // namespace mkdt::testing
