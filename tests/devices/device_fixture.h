// Runs of the pipeline on the pretended device.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mkdt/distill/synthetic_set.h"
#include "mkdt/stages/resource_check.h"
#include "mkdt/stages/stage.h"
#include "tests/stages/pipeline_fixture.h"
#include "tests/support/pretend_device.h"

namespace mkdt::testing {

using Assignments = std::vector<std::string>;

// What the tiny run leaves out, as small.
inline Assignments everything() {
  return {
      "evaluate.methods=none,random,k-means,high-loss,krr-st,mtt-ssl,distilled,full,ssl,teacher",
      "evaluate.protocols=probe,finetune,knn",
      "evaluate.label_fractions=0.3",
      "evaluate.seeds=1",
      "evaluate.finetune_epochs=1",
      "mtt_ssl.experts=1",
      "mtt_ssl.train_batch=32",
      "mtt_ssl.projector_hidden=8",
      "mtt_ssl.batch=10",
      "mtt_ssl.projector_output=8",
      "mtt_ssl.iterations=3",
      "mtt_ssl.syn_steps=2"};
}

inline Assignments with(Assignments all, const Assignments& further) {
  all.insert(all.end(), further.begin(), further.end());
  return all;
}

inline const Strings kEveryStage = {"teacher", "embed",   "experts",  "subset", "distill",
                                    "krr-st",  "mtt-ssl", "pretrain", "probe",  "evaluate"};

class DeviceTest : public PipelineTest {
 protected:
  std::unique_ptr<Config> there(const Assignments& assignments) const {
    auto made = config(assignments);
    made->runtime.device = pretended_device().str();
    return made;
  }
  StageObserver run_there(const Assignments& assignments, const std::string& stage = "",
                          const std::string& out = "run") const {
    StageObserver observer;
    run_pipeline(*there(assignments), folder_ / out, stage, observer, replace_it);
    return observer;
  }
  // The trials of the stages that are not done, as a plan and the check of resources have them.
  Strings try_there(const Assignments& assignments, const std::string& out = "run",
                    const Assignments& goals = {"probe", "evaluate"}) const {
    const auto made = there(assignments);
    Observer silent;
    mkdt::Run made_run(*made, folder_ / out, silent);
    const auto stages = stages_for(*made, goals);
    const auto left = unfinished(made_run, stages);
    const StageNames names(left.begin(), left.end());
    for (const Stage& stage : stages) {
      if (names.count(stage.name) == 0) continue;
      const StageTrial trial = stage.trial(made_run, names);
      quick_estimate(trial);
      if (trial.more_seconds) trial.more_seconds();
    }
    return names;
  }
  torch::Tensor images(const std::string& out) const {
    return read_synthetic_set(folder_ / out / "distill" / "distilled.safetensors").images;
  }
};

}  // namespace mkdt::testing
