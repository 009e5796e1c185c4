// Finished work that other options or inputs would replace, and who may allow it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mkdt/stages/stage.h"

namespace mkdt {

// The finished stages that would be done again from the beginning, and why.
struct FinishedWork {
  std::vector<std::string> stages;  // in order
  std::vector<Change> reasons;      // the options and inputs that changed
  double seconds = 0;               // that the stages took

  // "teacher.epochs changed from 3 to 32: the finished work of teacher, embed (2 h 3 min) would be
  // replaced".
  std::string text() const;
};

// Asked once, before anything is deleted: whether the work may be replaced. None stands for no.
using MayReplace = std::function<bool(const FinishedWork&)>;

// Of these stages, in order. A stage that goes on from what it made (more iterations, more experts,
// another recipe, further cells of the comparison) loses nothing; nor does one that was never
// finished. Where a stage is not done but what was made from it is, that counts as lost: what the
// stage will make is not known.
FinishedWork work_to_lose(Run& run, const std::vector<Stage>& stages);

// The stages whose finished work will be replaced. Error, the refusal, if there are any and it may
// not.
StageNames ask_for_work_to_lose(Run& run, const std::vector<Stage>& stages,
                                const MayReplace& may_replace);

// The line that says what would be lost and the ways to go on: the old value, --redo, another
// --out.
std::string refusal(const Run& run, const FinishedWork& lost);

}  // namespace mkdt
