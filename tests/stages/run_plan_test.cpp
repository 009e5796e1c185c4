#include "mkdt/stages/run_plan.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/run/manifest.h"
#include "mkdt/stages/stage.h"
#include "tests/stages/pipeline_fixture.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kPlenty = int64_t{1} << 40;

class RunPlanTest : public testing::PipelineTest {
 protected:
  Available available(int64_t memory, int64_t disk) const {
    return {AvailableMemory{memory, "a limit"}, disk};
  }
  RunPlan plan(const Config& config, const Available& available, const std::string& out = "run") {
    Observer silent;
    mkdt::Run run(config, folder_ / out, silent);
    run.assume_available(available);
    return plan_run(run);
  }
  std::vector<std::string> names(const RunPlan& plan) const {
    std::vector<std::string> all;
    for (const PlannedStage& stage : plan.stages) all.push_back(stage.name);
    return all;
  }
  // What a run says that finds so little.
  std::string refusal(const Config& config, const Available& available) {
    Observer silent;
    mkdt::Run run(config, folder_ / "run", silent);
    run.assume_available(available);
    try {
      run_stages(run, stages_for(config, {"teacher"}), /*lost=*/{"teacher"});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(RunPlanTest, NamesEveryStageAndWritesNothing) {
  const auto tiny = config();
  const RunPlan made = plan(*tiny, available(kPlenty, kPlenty));
  EXPECT_EQ(names(made), (std::vector<std::string>{"teacher", "embed", "experts", "subset",
                                                   "distill", "pretrain", "probe", "evaluate"}));
  double seconds = 0;
  for (const PlannedStage& stage : made.stages) {
    EXPECT_FALSE(stage.reason.empty()) << stage.name;
    EXPECT_GT(stage.estimate.seconds, 0) << stage.name;
    EXPECT_GT(stage.estimate.memory, 10 << 20) << stage.name;
    EXPECT_GT(stage.estimate.disk, 0) << stage.name;
    const bool recipe_unknown = stage.name == "pretrain" || stage.name == "evaluate";
    EXPECT_EQ(stage.estimate.at_most, recipe_unknown) << stage.name;
    seconds += stage.estimate.seconds;
  }
  EXPECT_DOUBLE_EQ(made.seconds, seconds);
  EXPECT_EQ(made.stages[0].reason, "not done yet");
  EXPECT_EQ(made.stages[1].reason, "after teacher");
  EXPECT_TRUE(made.warnings.empty());
  EXPECT_FALSE(made.notes.empty());  // recipes are not known
  EXPECT_FALSE(fs::exists(folder_ / "run"));
}

TEST_F(RunPlanTest, TriesTheStepsOfEveryMethod) {
  const auto all = config({"evaluate.methods=k-means,krr-st,mtt-ssl,ssl,distilled,teacher",
                           "evaluate.protocols=probe,finetune,knn", "mtt_ssl.iterations=2",
                           "mtt_ssl.experts=1", "mtt_ssl.train_batch=16", "mtt_ssl.syn_steps=2"});
  const RunPlan made = plan(*all, available(kPlenty, kPlenty));
  const std::vector<std::string> stages = names(made);
  EXPECT_NE(std::find(stages.begin(), stages.end(), "krr-st"), stages.end());
  EXPECT_NE(std::find(stages.begin(), stages.end(), "mtt-ssl"), stages.end());
  for (const PlannedStage& stage : made.stages) EXPECT_GT(stage.estimate.seconds, 0) << stage.name;
}

TEST_F(RunPlanTest, AFinishedRunIsDoneAndHasNothingLeft) {
  run();
  const auto tiny = config();
  const RunPlan made = plan(*tiny, available(kPlenty, kPlenty));
  for (const PlannedStage& stage : made.stages) {
    EXPECT_EQ(stage.reason, "") << stage.name;
    const auto manifest = read_manifest(folder_ / "run" / stage.name / "manifest.json");
    ASSERT_TRUE(manifest && manifest->peak_memory) << stage.name;
    EXPECT_GT(*manifest->peak_memory, 10 << 20) << stage.name;
    EXPECT_EQ(stage.estimate.memory, *manifest->peak_memory) << stage.name;
  }
  EXPECT_EQ(made.seconds, 0);
  EXPECT_EQ(made.disk, 0);

  const auto changed = config({"distill.syn_steps=3"});
  const RunPlan again = plan(*changed, available(kPlenty, kPlenty));
  EXPECT_EQ(again.stages[3].reason, "");
  EXPECT_EQ(again.stages[4].reason, "distill.syn_steps changed from 2 to 3");
  EXPECT_EQ(again.stages[5].reason, "after distill");
}

TEST_F(RunPlanTest, WarnsOfWhatDoesNotFit) {
  const auto tiny = config();
  const RunPlan made = plan(*tiny, available(/*memory=*/0, /*disk=*/1000));
  const auto warned = [&](const std::string& part) {
    return std::any_of(made.warnings.begin(), made.warnings.end(), [&](const std::string& text) {
      return text.find(part) != std::string::npos;
    });
  };
  EXPECT_TRUE(warned("the run: writes up to"));
  EXPECT_TRUE(warned("teacher: needs about"));
  EXPECT_TRUE(warned("0 bytes are available (a limit)"));
}

TEST_F(RunPlanTest, AStageThatDoesNotFitIsRefusedBeforeAnythingChanges) {
  run({}, "teacher");
  const fs::path manifest = folder_ / "run" / "teacher" / "manifest.json";
  const std::string before = file_checksum(manifest);
  // Without probes, whose few megabytes may be more than a training step's.
  const auto other = config({"teacher.batch=60", "teacher.probe_every=0"});

  const std::string memory = refusal(*other, available(/*memory=*/1000, kPlenty));
  EXPECT_EQ(memory.rfind("teacher: needs about ", 0), 0U) << memory;
  EXPECT_NE(memory.find("1 kB are available (a limit); lower teacher.batch (60), or set "
                        "runtime.check_resources = false"),
            std::string::npos)
      << memory;

  const std::string disk = refusal(*other, available(kPlenty, /*disk=*/1000));
  EXPECT_EQ(disk.rfind("teacher: writes up to ", 0), 0U) << disk;
  EXPECT_NE(disk.find("lower teacher.width (4), or set runtime.check_resources = false"),
            std::string::npos)
      << disk;
  EXPECT_EQ(file_checksum(manifest), before);

  const auto unchecked = config({"teacher.batch=60", "runtime.check_resources=false"});
  EXPECT_EQ(refusal(*unchecked, available(0, 0)), "");
}

TEST_F(RunPlanTest, ManifestsWithoutPeakMemoryStayReadable) {
  Manifest manifest;
  manifest.stage = "probe";
  manifest.seconds = 2;
  write_manifest(folder_ / "manifest.json", manifest);
  auto back = read_manifest(folder_ / "manifest.json");
  ASSERT_TRUE(back.has_value());
  EXPECT_FALSE(back->peak_memory.has_value());
  manifest.peak_memory = 123;
  write_manifest(folder_ / "manifest.json", manifest);
  back = read_manifest(folder_ / "manifest.json");
  EXPECT_EQ(back->peak_memory, 123);
}

}  // namespace
}  // namespace mkdt
