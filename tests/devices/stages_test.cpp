// Every stage, and every trial of one, on a device that throws where a GPU would.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/publish/results.h"
#include "mkdt/study/cost_study.h"
#include "mkdt/study/variance_study.h"
#include "tests/devices/device_fixture.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::Assignments;
using testing::DeviceTest;
using testing::everything;
using testing::kEveryStage;
using testing::StageObserver;
using testing::Strings;
using testing::with;

TEST_F(DeviceTest, TellsTensorsOfTheHostFromItsOwn) {
  const torch::Tensor here = torch::arange(4.0F).to(testing::pretended_device());
  const torch::Tensor host = torch::ones({4});
  EXPECT_TRUE(torch::equal(((here + 1) * torch::tensor(2.0F)).cpu(), torch::arange(2.0F, 10, 2)));
  EXPECT_THROW(here + host, c10::Error);
  EXPECT_THROW(here.index_select(0, torch::arange(2)), c10::Error);
  EXPECT_THROW(torch::cat({here, host}), c10::Error);
  EXPECT_TRUE(torch::equal(here.index({torch::tensor({2})}).cpu(), torch::tensor({2.0F})));
  testing::reset_device_counts();
  EXPECT_EQ(here.sum().item<float>(), 6);
  EXPECT_EQ(testing::device_counts().waits(), 1);
}

TEST_F(DeviceTest, TriesEveryStage) { EXPECT_EQ(try_there(everything()), kEveryStage); }

TEST_F(DeviceTest, DoesEveryStageLikeTheCpu) {
  EXPECT_EQ(run_there(everything()).done, kEveryStage);
  EXPECT_EQ(run_there(everything()).done, Strings());
  run(everything(), "", "cpu");
  EXPECT_TRUE(torch::allclose(images("run"), images("cpu"), 1e-2, 1e-3));
  const auto here = read_results(folder_ / "run" / "evaluate" / "results.json");
  EXPECT_EQ(here.size(), read_results(folder_ / "cpu" / "evaluate" / "results.json").size());
  // From what there is.
  EXPECT_EQ(try_there(with(everything(), {"distill.iterations=9"})).count("distill"), 1U);
}

TEST_F(DeviceTest, MatchesRepresentations) {
  const Assignments objective = {"distill.objective=representation", "distill.max_free_steps=3",
                                 "distill.real_batch=16", "evaluate.methods=none,random,distilled"};
  try_there(objective);
  EXPECT_EQ(run_there(objective).done,
            (Strings{"teacher", "embed", "subset", "distill", "pretrain", "probe", "evaluate"}));
}

TEST_F(DeviceTest, TrainsEveryKindOfTeacher) {
  for (const char* kind : {"algorithm=simclr", "algorithm=vicreg", "algorithm=byol",
                           "architecture=vit-tiny", "architecture=convnet", "optimiser=lars"}) {
    const std::string option = std::string("teacher.") + kind;
    try_there({option, "teacher.width=6"}, kind, {"embed"});
    EXPECT_EQ(run_there({option, "teacher.width=6"}, "teacher", kind).done, Strings{"teacher"})
        << kind;
    EXPECT_EQ(run_there({option, "teacher.width=6", "teacher.pca=4"}, "embed", kind).done,
              Strings{"embed"})
        << kind;
  }
}

TEST_F(DeviceTest, Studies) {
  StageObserver observer;
  const auto made = there({"evaluate.methods=distilled"});
  cost_study(*made, folder_ / "run", {}, observer);
  const VarianceOptions options = {/*batches=*/{8, 32}, /*epochs=*/1, /*samples=*/4, /*seeds=*/1};
  EXPECT_EQ(variance_study(*made, folder_ / "run", options, observer).size(), 2U);
}

// Wants to stop when a stage has come so far.
class StopAt : public StageObserver {
 public:
  StopAt(std::string stage, int64_t steps) : stage_(std::move(stage)), steps_(steps) {}
  void begin(const std::string& stage, int64_t /*total*/, const std::string& /*unit*/) override {
    now_ = stage;
  }
  void advance(int64_t steps, const std::string& /*note*/) override {
    wanted_ = wanted_ || (now_ == stage_ && steps >= steps_);
  }
  bool stop_wanted() const override { return wanted_; }

 private:
  std::string stage_, now_;
  int64_t steps_;
  bool wanted_ = false;
};

TEST_F(DeviceTest, GoesOnFromWhatItKept) {
  const Assignments few = {"evaluate.methods=distilled", "evaluate.seeds=1",
                           "evaluate.label_fractions=0.3"};
  run_there(few);
  for (const char* stage : {"teacher", "experts", "distill"}) {
    const std::string out = std::string("stopped in ") + stage;
    StopAt observer(stage, stage == std::string("teacher") ? 32 : 1);
    EXPECT_THROW(run_pipeline(*there(few), folder_ / out, "", observer, testing::replace_it),
                 Stopped)
        << stage;
    const StageObserver again = run_there(few, "", out);
    const bool silent = stage == std::string("teacher");  // it shows in the epochs that it names
    EXPECT_TRUE(silent || again.said.find("resumes") != std::string::npos) << again.said;
    EXPECT_EQ(bits(out), bits("run")) << stage;
  }
}

}  // namespace
}  // namespace mkdt
