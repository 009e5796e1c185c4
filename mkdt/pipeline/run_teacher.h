// The teacher of a run, wherever it comes from.
#pragma once

#include <optional>

#include "mkdt/pipeline/run.h"
#include "mkdt/ssl/image_encoder.h"

namespace mkdt {

// The teacher that was trained in this run or the TorchScript file that [teacher] names, ready to
// encode images of the run's size; none where only representations are given.
std::optional<ImageEncoder> run_teacher(Run& run);

// Error if what the user gives for training and test images has not the same dimensions.
void check_same_dimensions(const OutsideOptions& options, int64_t train, int64_t test);

}  // namespace mkdt
