// Folders and files whose names are no UTF-8, from the data to the report.
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mkdt/data/image_file.h"
#include "mkdt/io/npy.h"
#include "tests/cli/program.h"
#include "tests/stages/tiny_run.h"

namespace mkdt::testing {
namespace {

namespace fs = std::filesystem;

class BytePathsTest : public ::testing::Test {
 protected:
  BytePathsTest() {
    write_text_atomically(folder_ / "tin\351.toml", tiny_config());
    for (const char* set : {"d\351", "e\377\376"}) {
      for (int i = 0; i < 60; ++i) {
        const fs::path path = folder_ / set / (i % 2 == 0 ? "b" : "a\351");
        fs::create_directories(path);
        write_png(path / (std::to_string(100 + i) + "\377.png"),
                  torch::randint(0, 256, {3, 16, 16}, torch::kUInt8));
      }
    }
  }

  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  std::string options() const {
    return " --set data.format=auto --set data.root=" + at("d\351") +
           " --set evaluate.datasets=" + at("e\377\376") + " --set evaluate.seeds=1 ";
  }
  static ProgramResult succeed(const std::string& arguments) {
    const ProgramResult result = run_program(arguments + " </dev/null");
    EXPECT_EQ(result.status, 0) << arguments << "\n" << result.err;
    return result;
  }

  TemporaryFolder folder_;
};

TEST_F(BytePathsTest, ARunWorksFromEndToEnd) {
  const std::string run = "run " + at("tin\351.toml") + options() + "--out " + at("r\351");
  EXPECT_TRUE(nlohmann::json::accept(succeed("plan" + run.substr(3) + " --json").out));
  succeed(run);
  for (const std::string& again : {run, "run " + at("r\351")}) {
    const std::string said = succeed(again).err;
    EXPECT_NE(said.find("evaluate: already done"), std::string::npos) << said;
  }
  succeed("report " + at("r\351"));
  succeed("inspect " + at("r\351"));
  succeed("verify " + at("r\351"));
  succeed("export " + at("r\351") + " --to dataset");
  const auto rows = nlohmann::json::parse(read_text(at("r\351/evaluate/results.json")));
  EXPECT_EQ(rows[0]["dataset"], "d\U0010FEE9");
  std::istringstream log(read_text(at("r\351/log.jsonl")));
  for (std::string line; std::getline(log, line);) {
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
}

TEST_F(BytePathsTest, TeachersAndStartsMayLieThereToo) {
  write_npy(at("t\351.npy"), torch::rand({60, 6}));
  const std::string teacher = options() + "--set teacher.representations=" + at("t\351.npy");
  succeed("run " + at("tin\351.toml") + teacher + " --out " + at("r\351"));
  fs::copy_file(at("r\351/distill/distilled.safetensors"), at("s\351.safetensors"));
  const std::string on =
      teacher + " --set distill.start=" + at("s\351.safetensors") + " --out " + at("o\351");
  succeed("run " + at("tin\351.toml") + on);
  EXPECT_NE(succeed("run " + at("o\351")).err.find("evaluate: already done"), std::string::npos);
}

}  // namespace
}  // namespace mkdt::testing
