// Start reading here: the synthetic set is optimised so that a student trained on it goes where the
// experts went, or does what the teacher does.
#pragma once

#include "mkdt/base/observer.h"
#include "mkdt/distill/distill_state.h"
#include "mkdt/distill/outer_iteration.h"
#include "mkdt/distill/synthetic_set.h"

namespace mkdt {

// Runs MKDT (arXiv 2410.02116), algorithm 1, from the images, targets and syn_lr of `start`: real
// images, or a set to continue. Resumes from the checkpoint where there is one for this key, with
// the same bits as an uninterrupted run; so more iterations than an earlier run's continue it, and
// fewer are an Error, as its checkpoint would be lost. A checkpoint is written at the end, and
// before Stopped is thrown where the observer wants it. Throws Error if the loss stays non-finite,
// with the last good state in the checkpoint.
LearnedSet distill(const Distillation& distillation, const SyntheticSet& start, Observer& observer);

}  // namespace mkdt
