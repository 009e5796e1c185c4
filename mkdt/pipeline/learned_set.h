// What the stages that learn a synthetic set share: where they start, and how the set is kept.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include <torch/types.h>

#include "mkdt/distill/synthetic_set.h"
#include "mkdt/pipeline/manifest.h"
#include "mkdt/pipeline/run.h"

namespace mkdt {

// The subset of that name (subset_files.h) as a set: real images and their representations.
SyntheticSet starting_set(Run& run, const std::string& subset);
// The set in that file, on the run's device. Error naming the file if it is no set whose images
// could be this run's (check_starting_set); a warning if another teacher made them.
SyntheticSet starting_set_from(Run& run, const std::filesystem::path& path);
// Error naming the file if its images have other sizes or its targets other than `dim` dimensions,
// if there are not subset.size of them, if they are normalised in another way, or if it is what
// this run's own distillation writes. Needs no teacher.
void check_starting_set(Run& run, const std::filesystem::path& path, int64_t dim);

// What an optimisation's checkpoint belongs to: the manifest without the recipe, [pretrain], and
// without the option `left_out`.
std::string key_of_optimisation(Manifest manifest, const std::string& left_out = "");

// For Stage::loses: an optimisation goes on from its checkpoint, with another recipe and with more
// of the iterations that the option `left_out` counts.
std::function<bool(const Run&, const Manifest& then, const Manifest& now)> loses_optimisation(
    const std::string& left_out = "");

// Where a set of this run comes from: version, options, seed, data, teacher, student.
std::map<std::string, std::string> run_provenance(Run& run);

// Chooses the recipe to pre-train on the set, says it, and writes the set with it to the file of
// the stage's folder. Its provenance is that of the run, and `entries`.
void write_learned_set(Run& run, const std::string& stage, const std::string& file,
                       SyntheticSet set, std::map<std::string, std::string> entries);

}  // namespace mkdt
