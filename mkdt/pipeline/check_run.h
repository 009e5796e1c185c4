// What can be known to be wrong before the first stage.
#pragma once

#include "mkdt/pipeline/run.h"
#include "mkdt/pipeline/stage_trial.h"

namespace mkdt {

// Everything that can go wrong in the stages `left` and needs no result of theirs: whether
// representations from outside fit the images, teacher.pca the teacher, the student and the
// meta-gradient engine the images, distill.start the run, and what check_comparison looks at. Reads
// the images and the files of teacher and start. Throws Error as the stages would, hours later;
// says what will work otherwise than it was asked for as a warning.
void check_run(Run& run, const StageNames& left);

}  // namespace mkdt
