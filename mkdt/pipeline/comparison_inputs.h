// What is compared on what: the run's data as the comparison wants it.
#pragma once

#include "mkdt/eval/comparison.h"
#include "mkdt/pipeline/run.h"
#include "mkdt/pipeline/stage.h"

namespace mkdt {

// Everything but the candidates. Downstream sets are the images of [data] if they are labelled,
// then every folder of evaluate.datasets, its format found out, resized to the network's input,
// normalised by its own statistics. Representation losses are those of the test images, or of the
// validation images where the test images have no representations.
ComparisonInputs comparison_inputs(Run& run, NetworkPtr network);

// Checksums of [data] and of the folders of evaluate.datasets.
Entries evaluation_sources(Run& run);

// For the head of a results file: data, teacher, student, synthetic set, seeds.
std::vector<std::string> results_context(Run& run);

}  // namespace mkdt
