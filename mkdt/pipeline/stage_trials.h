// The stages' trials, one file each.
#pragma once

#include "mkdt/pipeline/run.h"
#include "mkdt/pipeline/stage_trial.h"

namespace mkdt {

// Training images that a probe during the teacher's training has.
constexpr int64_t kTeacherProbeRows = 5'000;

StageTrial teacher_trial(Run& run, const StageNames& unfinished);
StageTrial embed_trial(Run& run, const StageNames& unfinished);
StageTrial experts_trial(Run& run, const StageNames& unfinished);
StageTrial subset_trial(Run& run, const StageNames& unfinished);
StageTrial distill_trial(Run& run, const StageNames& unfinished);
StageTrial krr_st_trial(Run& run, const StageNames& unfinished);
StageTrial mtt_ssl_trial(Run& run, const StageNames& unfinished);
StageTrial pretrain_trial(Run& run, const StageNames& unfinished);
StageTrial probe_trial(Run& run, const StageNames& unfinished);
StageTrial evaluate_trial(Run& run, const StageNames& unfinished);

}  // namespace mkdt
