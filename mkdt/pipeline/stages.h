// The stages, one file each; stages_of puts them in order.
#pragma once

#include <string>
#include <vector>

#include "mkdt/pipeline/stage.h"

namespace mkdt {

Stage teacher_stage();                       // trains the SSL encoder
Stage embed_stage(const Config& config);     // its representations of all images
Stage experts_stage();                       // trajectories of students that regress them
Stage subset_stage(const Config& config);    // real images to start from and to compare with
Stage distill_stage(const Config& config);   // the synthetic set
Stage krr_st_stage();                        // that of the baseline KRR-ST
Stage mtt_ssl_stage();                       // that of the negative control MTT-SSL
Stage pretrain_stage();                      // an encoder trained on it
Stage probe_stage();                         // what that encoder is worth
Stage evaluate_stage(const Config& config);  // what it is worth beside other methods

// The options of whole sections, of [data] without the place where the images lie, and the seed.
Entries options_of(const Config& config, const std::vector<std::string>& sections);

// For Stage::loses: nothing of what there is helps to make it anew.
bool loses_all(const Run& run, const Manifest& then, const Manifest& now);

}  // namespace mkdt
