// mkdt inspect on every kind of file that a run has.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "mkdt/data/image_file.h"
#include "mkdt/io/npy.h"
#include "tests/cli/program.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt::testing {
namespace {

namespace fs = std::filesystem;

class Inspect : public ::testing::Test {
 protected:
  ProgramResult inspect(const std::string& file) const {
    return run_program("inspect " + (folder_ / file).string());
  }
  void expect_shown(const std::string& file, const std::vector<std::string>& parts) const {
    const ProgramResult result = inspect(file);
    EXPECT_EQ(result.status, 0) << result.err;
    for (const std::string& part : parts) {
      EXPECT_NE(result.out.find(part), std::string::npos) << part << ": " << result.out;
    }
    EXPECT_EQ(result.out.find('\033'), std::string::npos) << result.out;
  }
  void expect_refused(const std::string& file, const std::string& part) const {
    const ProgramResult result = inspect(file);
    EXPECT_EQ(result.status, 2) << result.out;
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find(file + ": "), std::string::npos) << result.err;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
    EXPECT_EQ(result.err.find("internal"), std::string::npos) << result.err;
  }

  TemporaryFolder folder_;
};

TEST_F(Inspect, Json) {
  write_text_atomically(folder_ / "manifest.json",
                        R"({"stage": "teacher", "seconds": 1.5, "outputs": {"a": "b", "c": "d"}})");
  expect_shown("manifest.json", {"stage: \"teacher\"", "seconds: 1.5", "outputs: object of 2"});
  write_text_atomically(folder_ / "results.json",
                        R"([{"method": "none\u001b[2J", "accuracy": 0.5}, {"method": "random"}])");
  expect_shown("results.json", {"list of 2; the first one:", "accuracy: 0.5"});
  write_text_atomically(folder_ / "log.jsonl",
                        "{\"message\": \"one\"}\n{\"message\": \"two\"}\n{\"mess");
  expect_shown("log.jsonl", {"2 lines; the last one:", "message: \"two\""});
  write_text_atomically(folder_ / "broken.json", "{\"stage\":");
  expect_refused("broken.json", "not JSON");
  write_text_atomically(folder_ / "empty.jsonl", "");
  expect_refused("empty.jsonl", "no whole line");
}

TEST_F(Inspect, ImagesArraysAndTexts) {
  write_png(folder_ / "sheet.png", torch::full({3, 8, 12}, 7, torch::kUInt8));
  expect_shown("sheet.png", {"12×8 pixels, RGB", "7 to 7"});
  write_npy(folder_ / "array.npy", torch::ones({2, 3}));
  expect_shown("array.npy", {"[2,3]", "1 to 1"});
  write_text_atomically(folder_ / "results.md", "# Results\n\n| a | b |\n\033[2J\n");
  expect_shown("results.md", {"# Results\n\n| a | b |\n?[2J\n"});
  write_text_atomically(folder_ / "config.toml", "[data]\nroot = \"a\"\n");
  expect_shown("config.toml", {"root = \"a\""});
  write_text_atomically(folder_ / "note.png", "# Results");
  expect_refused("note.png", "");
}

TEST_F(Inspect, OthersAreRefusedClearly) {
  write_text_atomically(folder_ / "report.html", "<html>");
  expect_refused("report.html", "opens in a browser");
  write_text_atomically(folder_ / "README", "text");
  expect_refused("README", "mkdt inspect reads .safetensors");
  expect_refused("absent.xyz", "no such file");
}

TEST_F(Inspect, AReportOfAFolderThatIsNoRunIsRefused) {
  fs::create_directories(folder_ / "data/cats");
  write_png(folder_ / "data/cats/1.png", torch::zeros({3, 8, 8}, torch::kUInt8));
  const ProgramResult result = run_program("report " + (folder_ / "data").string());
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.err.find("data: not a run folder"), std::string::npos) << result.err;
  EXPECT_FALSE(fs::exists(folder_ / "data/report.html"));
}

}  // namespace
}  // namespace mkdt::testing
