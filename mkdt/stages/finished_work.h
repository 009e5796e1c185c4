// Finds finished work that other options or inputs would replace, and asks whether it may be
// replaced.
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

  // Returns "teacher.epochs changed from 3 to 32: the finished work of teacher, embed (2 h 3 min)
  // would be replaced".
  std::string text() const;
};

// Tells whether the work may be replaced; it is asked once, before anything is deleted. A null
// function stands for no.
using MayReplace = std::function<bool(const FinishedWork&)>;

// Returns the finished work of these stages, in order, that would be lost. A stage that continues
// what it made (more iterations, more experts, another recipe, further cells of the comparison)
// loses nothing; nor does one that was never finished. Where a stage is not done but what was made
// from it is, that counts as lost: what the stage will make is not known.
FinishedWork work_to_lose(Run& run, const std::vector<Stage>& stages);

// Returns the stages whose finished work will be replaced. Throws Error, with the refusal, if there
// are any and it may not be replaced.
StageNames ask_for_work_to_lose(Run& run, const std::vector<Stage>& stages,
                                const MayReplace& may_replace);

// Returns the line that says what would be lost and how to proceed: with the old value, --redo, or
// another --out.
std::string refusal(const Run& run, const FinishedWork& lost);

}  // namespace mkdt
