// Declares the stages and their trials, one file each; stages_of puts them in order.
#pragma once

#include <string>
#include <vector>

#include "mkdt/run/run.h"
#include "mkdt/stages/stage.h"
#include "mkdt/stages/trial.h"

namespace mkdt {

Stage teacher_stage();                       // trains the SSL encoder
Stage embed_stage(const Config& config);     // its representations of all images
Stage experts_stage();                       // trajectories of students that regress them
Stage subset_stage(const Config& config);    // real images to start from and to compare with
Stage distill_stage(const Config& config);   // the synthetic set
Stage krr_st_stage();                        // the set of the baseline KRR-ST
Stage mtt_ssl_stage();                       // the set of the negative control MTT-SSL
Stage pretrain_stage();                      // an encoder trained on the synthetic set
Stage probe_stage();                         // what that encoder is worth
Stage evaluate_stage(const Config& config);  // what it is worth beside other methods

// Returns the options of whole sections, of [data] without the place where the images lie, and the
// seed.
Entries options_of(const Config& config, const std::vector<std::string>& sections);

// Returns true, for the Stage::loses of a stage that continues none of its earlier work.
bool loses_all(const Run& run, const Manifest& then, const Manifest& now);

// A probe during the teacher's training has this many training images.
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
