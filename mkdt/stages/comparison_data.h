// Makes the rest of a comparison's inputs from the run's data: data sets, encoders, held-out
// images.
#pragma once

#include <string>
#include <vector>

#include "mkdt/compare/comparison_inputs.h"
#include "mkdt/run/run.h"
#include "mkdt/stages/stage.h"

namespace mkdt {

// Returns the images of [data], if they are labelled, and those of evaluate.datasets.
std::vector<DownstreamSet> downstream_sets(Run& run);

// Returns everything but encoders and candidates. Representation losses are those of the test
// images, or of the validation images where the test images have no representations.
ComparisonInputs comparison_inputs(Run& run);

// Returns a network as one of the comparison's encoders, named for tables.
NamedNetwork named_network(NetworkPtr network);

// Makes evaluate.encoders, for the run's images and representations of `outputs` dimensions. Throws
// Error naming the entry that is not known or does not fit the images.
std::vector<NamedNetwork> comparison_encoders(Run& run, int64_t outputs);

// Returns the whole comparison: every method of evaluate.methods on every encoder. The stages that
// it reads from are done.
ComparisonInputs full_comparison(Run& run);

// Reads the images of [data] and of evaluate.datasets and makes every encoder, so that an error in
// them comes before the long work.
void check_comparison(Run& run);

// Returns the checksums of [data] and of the folders of evaluate.datasets.
Entries evaluation_sources(Run& run);

// Return lines for the head of a results file: version, data and teacher; and these with the
// synthetic set.
std::vector<std::string> data_context(Run& run);
std::vector<std::string> results_context(Run& run);

}  // namespace mkdt
