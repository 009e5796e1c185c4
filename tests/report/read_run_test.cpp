#include "mkdt/report/read_run.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/report/page.h"
#include "mkdt/run/run_lock.h"
#include "tests/report/page_fixture.h"
#include "tests/stages/pipeline_fixture.h"

namespace mkdt::testing {
namespace {

namespace fs = std::filesystem;

class ReadRun : public PipelineTest {
 protected:
  ReportedRun read(const std::string& out = "run") const { return read_run(folder_ / out); }

  // Asks to stop as soon as `stage` has said that it was done.
  class StopAfter : public StageObserver {
   public:
    explicit StopAfter(std::string stage) : stage_(std::move(stage)) {}
    bool stop_wanted() const override { return done.count(stage_) != 0; }

   private:
    std::string stage_;
  };
};

std::string state_of(const ReportedRun& run, const std::string& stage) {
  for (const ReportedStage& one : run.stages) {
    if (one.name == stage) return one.state;
  }
  return "absent";
}

const ReportedCurve* curve(const ReportedRun& run, const std::string& name) {
  const auto found = std::find_if(run.curves.begin(), run.curves.end(),
                                  [&](const ReportedCurve& one) { return one.name == name; });
  return found == run.curves.end() ? nullptr : &*found;
}

TEST_F(ReadRun, AFinishedRunHasEverything) {
  run({"evaluate.methods=none,random,krr-st,distilled,full", "evaluate.curve_points=2"});
  const ReportedRun run = read();
  EXPECT_EQ(run.notes, std::vector<std::string>());
  EXPECT_EQ(run.name, "run");
  EXPECT_EQ(run.state, "finished");
  EXPECT_EQ(run.message, "");
  for (const ReportedStage& stage : run.stages) {
    EXPECT_EQ(stage.state, "done") << stage.name;
    EXPECT_GT(stage.seconds.value(), 0);
    EXPECT_GT(stage.peak_memory.value(), 0);
  }
  ASSERT_NE(curve(run, "distill/matching_loss"), nullptr);
  EXPECT_EQ(curve(run, "distill/matching_loss")->steps, (std::vector<int64_t>{1, 2, 3, 4}));
  EXPECT_NE(curve(run, "teacher/loss"), nullptr);
  EXPECT_EQ(run.teacher_quality.size(), 2U);
  ASSERT_EQ(run.sets.size(), 2U);
  EXPECT_EQ(run.sets[0].name, "distilled");
  EXPECT_EQ(run.sets[0].after.sizes(), (std::vector<int64_t>{10, 3, 16, 16}));
  EXPECT_EQ(run.sets[0].before.sizes(), run.sets[0].after.sizes());
  EXPECT_FALSE(torch::equal(run.sets[0].before, run.sets[0].after));
  EXPECT_EQ(run.sets[0].class_names.size(), 10U);
  EXPECT_EQ(run.sets[0].nearest_class.sizes(), std::vector<int64_t>{10});
  EXPECT_EQ(run.sets[1].name, "krr-st");
  EXPECT_EQ(run.rows.size(), 5U * 2 * 2);
  EXPECT_FALSE(run.pretraining.empty());
  EXPECT_EQ(run.set_size, 10);
  ASSERT_EQ(run.sizes.size(), 1U);
  EXPECT_EQ(run.sizes[0].size, 10);
  EXPECT_FALSE(run.facts.empty());
  EXPECT_FALSE(run.config.empty());
  EXPECT_FALSE(run.provenance.empty());
  EXPECT_FALSE(fs::exists(folder_ / "run" / "live"));
}

TEST_F(ReadRun, ADistilledRealImageIsNearestToItsOwnClassMoreOftenThanNot) {
  run({"distill.iterations=0", "subset.size=60", "teacher.epochs=8"}, "", "run");
  const ReportedRun run = read();
  ASSERT_EQ(run.sets.size(), 1U);
  EXPECT_TRUE(torch::equal(run.sets[0].before, run.sets[0].after));
  // Of ten classes, so by chance one in ten would be all of one class.
  const torch::Tensor counts = torch::bincount(run.sets[0].nearest_class, {}, 10);
  EXPECT_GE((counts > 0).sum().item<int64_t>(), 5);
}

TEST_F(ReadRun, AComparisonAloneIsFinishedWithoutTheProbeOfOneEncoder) {
  StageObserver observer;
  run_comparison(*config({"evaluate.methods=random,distilled"}), folder_ / "run", observer);
  EXPECT_EQ(read().state, "finished");
  EXPECT_EQ(read().message, "");
  EXPECT_EQ(state_of(read(), "probe"), "absent");
}

TEST_F(ReadRun, OneStageAloneIsFinishedAndSaysWhatIsMissing) {
  StageObserver observer;
  make_stages(*config(), folder_ / "run", {"embed"}, observer);
  EXPECT_EQ(read().state, "finished");
  EXPECT_EQ(read().message, "Not done: experts, subset, distill, pretrain, probe, evaluate.");
}

TEST_F(ReadRun, AnInterruptedRunSaysWhatIsMissing) {
  StopAfter observer("subset");
  EXPECT_ANY_THROW(run_pipeline(*config(), folder_ / "run", "", observer));
  const ReportedRun run = read();
  EXPECT_EQ(run.state, "interrupted");
  EXPECT_EQ(run.message, "Not done: distill, pretrain, probe, evaluate.");
  EXPECT_EQ(state_of(run, "subset"), "done");
  EXPECT_EQ(state_of(run, "distill"), "not done");
  EXPECT_TRUE(run.rows.empty());
}

TEST_F(ReadRun, AKilledRunIsInterruptedToo) {
  run();
  fs::remove(folder_ / "run" / "evaluate" / "manifest.json");
  const std::string line = R"({"time":"","level":"info","message":"goes on","event":"begins"})";
  const std::string log = read_text(folder_ / "run" / "log.jsonl");
  write_text_atomically(folder_ / "run" / "log.jsonl", log + line + "\n");
  EXPECT_EQ(read().state, "interrupted");
  EXPECT_EQ(read().message, "Not done: evaluate.");
}

TEST_F(ReadRun, AFailedRunHasTheErrorAndTheStage) {
  EXPECT_ANY_THROW(run({"experts.lr=1000", "evaluate.methods=random,distilled"}));
  const ReportedRun run = read();
  EXPECT_EQ(run.state, "failed");
  EXPECT_NE(run.message.find("experts"), std::string::npos) << run.message;
  EXPECT_EQ(state_of(run, "experts"), "failed");
  ASSERT_FALSE(run.log.empty());
  EXPECT_EQ(run.log.back().level, "error");
  EXPECT_EQ(run.log.back().message, run.message);
}

TEST_F(ReadRun, ARunThatIsGoingOnIsRunningAndShowsItsLatestImages) {
  // What the folder says at every advance of the distillation.
  class Watcher : public StageObserver {
   public:
    explicit Watcher(fs::path folder) : folder_(std::move(folder)) {}
    void begin(const std::string& task, int64_t, const std::string&) override { task_ = task; }
    void advance(int64_t, const std::string&) override {
      if (task_ == "distill") seen.push_back(read_run(folder_));
    }
    std::vector<ReportedRun> seen;

   private:
    fs::path folder_;
    std::string task_;
  };
  Watcher watcher(folder_ / "run");
  run_pipeline(*config(), folder_ / "run", "", watcher);
  ASSERT_EQ(watcher.seen.size(), 4U);
  for (const ReportedRun& run : watcher.seen) {
    EXPECT_EQ(run.state, "running");
    EXPECT_EQ(state_of(run, "distill"), "running");
    EXPECT_EQ(state_of(run, "evaluate"), "not done");
    EXPECT_NE(run.progress.find(" of "), std::string::npos) << run.progress;
  }
  EXPECT_TRUE(watcher.seen[0].sets.empty());
  for (size_t i = 1; i < 4; ++i) {
    ASSERT_EQ(watcher.seen[i].sets.size(), 1U);
    EXPECT_TRUE(watcher.seen[i].sets[0].live);
    EXPECT_NE(watcher.seen[i].sets[0].title.find("after iteration 1"), std::string::npos);
    EXPECT_TRUE(watcher.seen[i].sets[0].before.defined());
  }
}

TEST_F(ReadRun, BaselinesThatAreInterruptedShowTheirLatestImagesToo) {
  // Stops at the first step of an optimisation's images.
  class StopAtImages : public StageObserver {
   public:
    explicit StopAtImages(std::string name) : name_(std::move(name)) {}
    void images(const std::string& name, int64_t, bool,
                const std::function<torch::Tensor()>&) override {
      seen_ = seen_ || name == name_;
    }
    bool stop_wanted() const override { return seen_; }

   private:
    std::string name_;
    bool seen_ = false;
  };
  for (const std::string name : {"krr-st", "mtt_ssl"}) {
    StopAtImages observer(name + "/images");
    const auto options =
        config({"evaluate.methods=random," + std::string(name == "krr-st" ? "krr-st" : "mtt-ssl"),
                "mtt_ssl.experts=1", "mtt_ssl.train_batch=32"});
    EXPECT_ANY_THROW(run_comparison(*options, folder_ / name, observer));
    const ReportedRun run = read(name);
    EXPECT_EQ(run.state, "interrupted");
    ASSERT_EQ(run.sets.size(), 1U) << name;
    EXPECT_TRUE(run.sets[0].live);
    EXPECT_TRUE(run.sets[0].before.defined());
  }
}

TEST_F(ReadRun, AnEmptyFolderIsEmptyAndNoFolderIsAnError) {
  fs::create_directories(folder_ / "nothing");
  const ReportedRun run = read("nothing");
  EXPECT_EQ(run.state, "empty");
  EXPECT_FALSE(run.message.empty());
  EXPECT_TRUE(run.stages.empty());
  EXPECT_THROW(read("absent"), Error);
  EXPECT_THROW(read_run(folder_ / "tiny.toml"), Error);
}

TEST_F(ReadRun, FilesThatAreDamagedAreSaidAndTheRestIsThere) {
  run();
  for (const char* file : {"config.toml", "distill/distilled.safetensors", "embed/quality.json",
                           "evaluate/results.json", "embed/classes.safetensors"}) {
    write_text_atomically(folder_ / "run" / file, "<script>");
  }
  const ReportedRun run = read();
  EXPECT_EQ(run.state, "finished");
  EXPECT_GE(run.notes.size(), 5U);
  EXPECT_FALSE(run.curves.empty());
  EXPECT_EQ(state_of(run, "teacher"), "done");
}

TEST_F(ReadRun, OlderRunsWithoutTheFilesForReportsHaveAReport) {
  run();
  fs::remove(folder_ / "run" / "distill" / "start.safetensors");
  fs::remove(folder_ / "run" / "embed" / "classes.safetensors");
  fs::remove(folder_ / "run" / "evaluate" / "curves.json");
  fs::remove(folder_ / "run" / "log.jsonl");
  const ReportedRun run = read();
  EXPECT_EQ(run.state, "finished");
  EXPECT_EQ(run.notes, std::vector<std::string>());
  ASSERT_EQ(run.sets.size(), 1U);
  EXPECT_FALSE(run.sets[0].before.defined());
  EXPECT_FALSE(run.sets[0].nearest_class.defined());
}

TEST_F(ReadRun, FilesForReportsDecideNothing) {
  run();
  fs::remove(folder_ / "run" / "evaluate" / "manifest.json");
  const std::string path = (folder_ / "run" / "embed" / "manifest.json").string();
  auto manifest = nlohmann::json::parse(read_text(path));
  manifest["outputs"]["embed/classes.safetensors"] = "another";
  write_text_atomically(path, manifest.dump());
  EXPECT_EQ(run().done, Strings({"evaluate"}));
}

TEST_F(ReadRun, ThePageHasTheRunsAndTellsThemApart) {
  run();
  fs::create_directories(folder_ / "other");
  fs::copy(folder_ / "run", folder_ / "other" / "run", fs::copy_options::recursive);
  write_report(folder_ / "page.html", {folder_ / "run", folder_ / "other" / "run"});
  const auto data = page_data(read_text(folder_ / "page.html"));
  ASSERT_EQ(data["runs"].size(), 2U);
  EXPECT_EQ(data["runs"][0]["name"], "run");
  EXPECT_EQ(data["runs"][1]["name"], "run (2)");
  EXPECT_FALSE(data["runs"][0]["comparison"].is_null());
}

}  // namespace
}  // namespace mkdt::testing
