// The methods of a comparison, each made from what the run's stages left.
#pragma once

#include <string>
#include <vector>

#include "mkdt/eval/comparison_inputs.h"
#include "mkdt/pipeline/run.h"

namespace mkdt {

// The stage whose outputs a method learns from: "subset", "distill", …; "embed" for the others.
std::string stage_behind(const std::string& method);

// `method` is one of comparison_methods(); features of the teacher are for `downstream`.
Candidate comparison_method(Run& run, const std::string& method,
                            const std::vector<DownstreamSet>& downstream);

}  // namespace mkdt
