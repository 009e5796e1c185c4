// Makes the methods of a comparison, each from what the run's stages left.
#pragma once

#include <vector>

#include "mkdt/compare/comparison_inputs.h"
#include "mkdt/compare/methods.h"
#include "mkdt/run/run.h"

namespace mkdt {

// Returns a method as the run's stages left it; features of the teacher are for `downstream`.
Candidate comparison_method(Run& run, Method method, const std::vector<DownstreamSet>& downstream);

// Returns a method where the stages behind it are not done: of the same sizes and without a
// fingerprint, made of the data of `inputs`.
Candidate stand_in_method(Run& run, Method method, const ComparisonInputs& inputs);

}  // namespace mkdt
