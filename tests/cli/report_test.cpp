// mkdt report, and --report of a run.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/process.h"
#include "tests/cli/program.h"
#include "tests/report/page_fixture.h"
#include "tests/stages/tiny_run.h"

namespace mkdt::testing {
namespace {

namespace fs = std::filesystem;

class ReportCommand : public ::testing::Test {
 protected:
  ReportCommand() { write_text_atomically(folder_ / "tiny.toml", tiny_config()); }

  std::string run_arguments() const {
    return "run " + (folder_ / "tiny.toml").string() + " --out " + (folder_ / "run").string();
  }
  nlohmann::json page(const fs::path& path) const { return page_data(read_text(folder_ / path)); }

  TemporaryFolder folder_;
};

TEST_F(ReportCommand, ARunKeepsItsReportWhichIsThereAtItsEnd) {
  const ProgramResult result = run_program(run_arguments() + " --report");
  ASSERT_EQ(result.status, 0) << result.err;
  const fs::path report = fs::path("run") / "report.html";
  EXPECT_NE(result.err.find((folder_ / report).string()), std::string::npos) << result.err;
  EXPECT_EQ(page(report)["runs"][0]["state"], "finished");
  EXPECT_LT(fs::file_size(folder_ / report), 5'000'000U);

  // Written again, by itself and for two runs.
  fs::remove(folder_ / report);
  const std::string run = (folder_ / "run").string();
  EXPECT_EQ(run_program("report " + run).status, 0);
  EXPECT_EQ(page(report)["runs"].size(), 1U);
  const ProgramResult two =
      run_program("report " + run + " " + run + " --out " + (folder_ / "two.html").string());
  EXPECT_EQ(two.status, 0);
  EXPECT_NE(two.out.find("2 runs"), std::string::npos) << two.out;
  EXPECT_EQ(page("two.html")["runs"].size(), 2U);
}

TEST_F(ReportCommand, AStoppedRunHasAReportThatSaysSo) {
  Process process({"run", (folder_ / "tiny.toml").string(), "--out", (folder_ / "run").string(),
                   "--report", "--set", "distill.iterations=100000"},
                  folder_ / "errors");
  process.wait_until([&] { return fs::exists(folder_ / "run" / "live" / "distill.safetensors"); });
  process.send(SIGINT);
  EXPECT_EQ(process.wait(), 130) << read_text(folder_ / "errors");
  const auto data = page(fs::path("run") / "report.html");
  EXPECT_EQ(data["runs"][0]["state"], "interrupted");
  EXPECT_TRUE(data["refresh_seconds"].is_null());
  EXPECT_TRUE(data["runs"][0]["sets"][0]["live"].get<bool>());
}

TEST_F(ReportCommand, WatchingFollowsARunAndEndsWithIt) {
  Process run({"run", (folder_ / "tiny.toml").string(), "--out", (folder_ / "run").string(),
               "--set", "distill.iterations=100000"},
              folder_ / "errors");
  run.wait_until([&] { return fs::exists(folder_ / "run" / "live" / "distill.safetensors"); });
  Process watch({"report", (folder_ / "run").string(), "--watch", "--every", "1"},
                folder_ / "watch-errors");
  const fs::path report = folder_ / "run" / "report.html";
  watch.wait_until([&] { return fs::exists(report); });
  EXPECT_EQ(page(fs::path("run") / "report.html")["runs"][0]["state"], "running");
  run.send(SIGINT);
  run.wait();
  EXPECT_EQ(watch.wait(), 0) << read_text(folder_ / "watch-errors");
  EXPECT_EQ(page(fs::path("run") / "report.html")["runs"][0]["state"], "interrupted");
}

TEST_F(ReportCommand, OfNoRunFolderSaysSo) {
  const ProgramResult absent = run_program("report " + (folder_ / "absent").string());
  EXPECT_EQ(absent.status, 2);
  EXPECT_NE(absent.err.find("absent: no such run folder"), std::string::npos) << absent.err;
  fs::create_directories(folder_ / "empty");
  const ProgramResult empty = run_program("report " + (folder_ / "empty").string());
  EXPECT_EQ(empty.status, 0) << empty.err;
  EXPECT_EQ(page(fs::path("empty") / "report.html")["runs"][0]["state"], "empty");
}

TEST_F(ReportCommand, AFolderWithAHostileNameHasASafePage) {
  const std::string name = "<script>alert(1)<\nscript>'\"";
  fs::create_directories(folder_ / name);
  write_text_atomically(
      folder_ / name / "log.jsonl",
      R"({"time":"","level":"error","message":"</script><script>","event":"failed"})"
      "\n");
  fs::create_symlink(folder_ / name, folder_ / "link");
  const ProgramResult result = run_program("report " + (folder_ / "link").string() + " " +
                                           (folder_ / "link" / ".." / "*ip*").string() + " --out " +
                                           (folder_ / "page.html").string());
  ASSERT_EQ(result.status, 0) << result.err;
  const auto data = page("page.html");
  ASSERT_EQ(data["runs"].size(), 2U);
  EXPECT_EQ(data["runs"][1]["name"], name);
  EXPECT_EQ(data["runs"][1]["message"], "</script><script>");
}

}  // namespace
}  // namespace mkdt::testing
