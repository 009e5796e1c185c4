// A trial repeats what its stage does: the operations of its steps, times how many there are, are
// those of the stage's work.
#include "mkdt/stages/trial.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mkdt/nn/flop_counter.h"
#include "mkdt/stages/stage.h"
#include "tests/stages/pipeline_fixture.h"

namespace mkdt {
namespace {

class TrialTest : public testing::PipelineTest {
 protected:
  // Every stage of the options, then `name` under a counter.
  void expect_same_operations(const std::string& name, std::vector<std::string> assignments) {
    // Where there is nothing to be chosen, the number of steps is known.
    assignments.insert(assignments.end(),
                       {"pretrain.recipe=fixed", "runtime.check_resources=false"});
    const auto options = config(assignments);
    Observer silent;
    const std::filesystem::path folder = folder_ / ("run-" + std::to_string(runs_++));
    make_stages(*options, folder, {name}, silent);
    std::filesystem::remove_all(folder / name);
    mkdt::Run run(*options, folder, silent);
    const Stage stage = ready_stage(run, name);
    const double work = operations([&] { run_stages(run, {stage}); });
    ASSERT_GT(work, 0);
    double repeated = 0;
    for (const StageStep& step : stage.trial(run, {name}).steps) {
      if (step.count == 0) continue;
      const auto once = [&](int64_t steps) {
        return operations([&] { step.run(step.batch, steps); });
      };
      repeated += step.count * (once(2) - once(1));
    }
    EXPECT_NEAR(repeated / work, 1, 1e-9) << name;
  }

  static double operations(const std::function<void()>& body) {
    const FlopCounter counter;
    body();
    return counter.flops();
  }

 private:
  int runs_ = 0;
};

TEST_F(TrialTest, OfExpertsRepeatsTheirTraining) { expect_same_operations("experts", {}); }

TEST_F(TrialTest, OfDistillationRepeatsItsIterations) {
  expect_same_operations("distill", {"distill.syn_momentum=0.5"});
  expect_same_operations("distill", {"distill.engine=autograd", "distill.batch=4"});
}

TEST_F(TrialTest, OfRepresentationMatchingRepeatsItsIterations) {
  expect_same_operations("distill", {"distill.objective=representation", "distill.real_batch=32",
                                     "distill.max_free_steps=0"});
}

TEST_F(TrialTest, OfTheNegativeControlRepeatsExpertsAndIterations) {
  expect_same_operations("mtt-ssl",
                         {"mtt_ssl.experts=2", "mtt_ssl.train_batch=20", "mtt_ssl.iterations=3",
                          "mtt_ssl.batch=6", "mtt_ssl.syn_steps=2", "mtt_ssl.expert_epochs=1",
                          "mtt_ssl.max_start_epoch=1", "mtt_ssl.syn_momentum=0.5"});
}

TEST_F(TrialTest, OfPretrainingRepeatsItsSteps) {
  expect_same_operations("pretrain", {"pretrain.steps=3"});
}

}  // namespace
}  // namespace mkdt
