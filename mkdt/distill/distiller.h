// Start reading here: the synthetic set is optimised so that a student trained on it goes where
// the experts went, or does what the teacher does.
#pragma once

#include "mkdt/base/observer.h"
#include "mkdt/distill/distill_state.h"
#include "mkdt/distill/outer_iteration.h"
#include "mkdt/distill/synthetic_set.h"

namespace mkdt {

// MKDT (arXiv 2410.02116), algorithm 1, from the images, targets and syn_lr of `start`: real images
// or a set to go on with. Goes on from the checkpoint where there is one for this key, with the
// same bits as an uninterrupted run; asking for more iterations than an earlier run did goes on
// too; asking for fewer is an Error, as its checkpoint would be lost. A checkpoint is written at
// the end, and before Stopped is thrown where the observer wants it. Throws Error if the loss stays
// non-finite, with the last good state in the checkpoint.
DistillState distill(const Distillation& distillation, const SyntheticSet& start,
                     Observer& observer);

}  // namespace mkdt
