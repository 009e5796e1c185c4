#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mkdt/report/page.h"
#include "tests/report/page_fixture.h"
#include "tests/stages/pipeline_fixture.h"

namespace mkdt::testing {
namespace {

namespace fs = std::filesystem;

class LiveReportTest : public PipelineTest {
 protected:
  nlohmann::json page() const { return page_data(read_text(folder_ / "report.html")); }
};

TEST_F(LiveReportTest, IsThereFromTheFirstStepOn) {
  class Watcher : public StageObserver {
   public:
    explicit Watcher(fs::path report) : report_(std::move(report)) {}
    // Called before the report looks at the same step, so the second one sees it.
    void advance(int64_t, const std::string&) override {
      if (++steps_ == 2) first = page_data(read_text(report_));
    }
    nlohmann::json first;

   private:
    fs::path report_;
    int steps_ = 0;
  };
  Watcher watcher(folder_ / "report.html");
  LiveReport report(folder_ / "run", folder_ / "report.html", watcher);
  run_pipeline(*config(), folder_ / "run", "", report);
  EXPECT_EQ(watcher.first["runs"][0]["state"], "running");
  EXPECT_TRUE(watcher.first["refresh_seconds"].is_number());
  report.finish();
  EXPECT_EQ(page()["runs"][0]["state"], "finished");
  EXPECT_TRUE(page()["refresh_seconds"].is_null());
}

TEST_F(LiveReportTest, ThatCannotBeWrittenIsAWarningAndTheRunGoesOn) {
  fs::create_directories(folder_ / "report.html");
  StageObserver observer;
  LiveReport report(folder_ / "run", folder_ / "report.html", observer);
  run_pipeline(*config(), folder_ / "run", "", report);
  EXPECT_FALSE(report.finish());
  EXPECT_EQ(observer.done.count("evaluate"), 1U);
  const size_t first = observer.said.find("report: ");
  EXPECT_NE(first, std::string::npos) << observer.said;
  EXPECT_EQ(observer.said.find("report: ", first + 1), std::string::npos) << observer.said;
}

TEST_F(LiveReportTest, AndTheRunsBitsAreTheSame) {
  StageObserver observer;
  LiveReport report(folder_ / "run", folder_ / "report.html", observer);
  run_pipeline(*config(), folder_ / "run", "", report);
  run({}, "", "plain");
  EXPECT_EQ(bits("run"), bits("plain"));
}

}  // namespace
}  // namespace mkdt::testing
