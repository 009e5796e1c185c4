// Asks before finished work is replaced.
#pragma once

#include "mkdt/stages/finished_work.h"

namespace mkdt::cli {

// Says on standard error which work would be lost and waits for y or n. Returns false without
// asking where standard input or standard error is no terminal. Throws Stopped where a signal came
// instead of an answer.
bool ask_to_replace(const FinishedWork& lost);

}  // namespace mkdt::cli
