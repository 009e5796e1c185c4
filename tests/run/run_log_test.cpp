#include "mkdt/run/run_log.h"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mkdt/io/durable_file.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/publish/event_file.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> event_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().string().find("tfevents") != std::string::npos) {
      files.push_back(entry.path());
    }
  }
  return files;
}

TEST(RunLog, MetricsAreTheSameInBothFilesAndArePassedOn) {
  class Counter : public Observer {
   public:
    void metric(const std::string&, int64_t, double) override { ++metrics; }
    int metrics = 0;
  };
  const testing::TemporaryFolder folder;
  Counter counter;
  RunLog log(folder.path(), counter);
  for (int64_t step = 1; step <= 3; ++step) {
    log.metric("distill/matching_loss", step, 0.5 / static_cast<double>(step));
    log.metric("distill/syn_lr", step, 0.25);
  }
  EXPECT_EQ(counter.metrics, 6);
  const std::vector<fs::path> files = event_files(folder.path());
  ASSERT_EQ(files.size(), 1U);
  const auto events = testing::read_events(read_text(files[0]));
  ASSERT_EQ(events.size(), 7U);
  std::istringstream lines(read_text(folder / "metrics.jsonl"));
  std::string line;
  for (size_t i = 1; std::getline(lines, line); ++i) {
    const auto point = nlohmann::json::parse(line);
    EXPECT_EQ(point["name"], events[i].tag);
    EXPECT_EQ(point["step"], events[i].step);
    EXPECT_EQ(static_cast<float>(point["value"].get<double>()), events[i].value);
  }
}

TEST(RunLog, ImagesGoToTensorBoardAtTheFirstAndTheLastStep) {
  const testing::TemporaryFolder folder;
  Observer silent;
  int made = 0;
  const auto pixels = [&] {
    ++made;
    return torch::zeros({120, 1, 16, 16}, torch::kUInt8);
  };
  {
    RunLog log(folder.path(), silent);
    for (int64_t step = 1; step <= 9; ++step) log.images("distill/images", step, step == 9, pixels);
  }
  EXPECT_EQ(made, 2);
  EXPECT_EQ(read_live_images(folder.path(), "distill")->step, 9);
  const auto events = testing::read_events(read_text(event_files(folder.path()).at(0)));
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[1].step, 1);
  EXPECT_EQ(events[2].step, 9);
  EXPECT_EQ(events[2].tag, "distill/images");
  EXPECT_EQ(events[2].image_width, 10 * (64 + 2) + 2) << "a hundred of them, enlarged";
}

TEST(RunLog, HowARunEndsIsALineOfTheJournal) {
  const testing::TemporaryFolder folder;
  Observer silent;
  RunLog log(folder.path(), silent);
  log.event(kRunBegins, "begins");
  log.event(kRunFailed, "experts: the loss is not finite");
  std::istringstream lines(read_text(folder / "log.jsonl"));
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(nlohmann::json::parse(line)["event"], "begins");
  std::getline(lines, line);
  EXPECT_EQ(nlohmann::json::parse(line)["event"], "failed");
  EXPECT_EQ(nlohmann::json::parse(line)["level"], "error");
}

TEST(RunLog, WithoutMetricsThereIsNoEventFile) {
  const testing::TemporaryFolder folder;
  Observer silent;
  RunLog(folder.path(), silent).info("experts: already done");
  EXPECT_TRUE(event_files(folder.path()).empty());
  EXPECT_FALSE(read_text(folder / "log.jsonl").empty());
}

}  // namespace
}  // namespace mkdt
