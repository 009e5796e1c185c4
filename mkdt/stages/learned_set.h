// Holds what the stages that learn a synthetic set share: where they start, how the set is kept and
// shown, and the recipe that it carries.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/compare/stage_files.h"
#include "mkdt/distill/recipe.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/run/manifest.h"
#include "mkdt/run/run.h"
#include "mkdt/stages/trial.h"

namespace mkdt {

// The curve of a loss, as a picture of how a synthetic set came about.
struct LossCurve {
  std::string file;  // "matching_loss.svg"
  std::string title, x_label, y_label;
  std::vector<double> values;  // one a step; none: no file
};

// Writes contact_sheet.png (the real images that the set started from above, the synthetic ones
// below, at most a hundred of each, evenly spread) and the curve to `folder`. start_images
// [M,C,H,W] are in normalised space.
void write_set_pictures(const std::filesystem::path& folder, const torch::Tensor& start_images,
                        const SyntheticSet& set, const LossCurve& curve);

// Adds to the trial the memory and disk that such a stage needs besides its steps: images and
// `outputs` numbers of target an image, the optimiser's moments of both, the state to go back to,
// checkpoints, the file and its pictures, and two lines of metrics for each of `iterations`.
void add_learned_set(Run& run, int64_t outputs, int64_t iterations, StageTrial& trial);

// Returns the bytes of one expert's checkpoints during its training: two, and the next one's
// temporary file. `trajectory` is the size of a finished one in bytes.
int64_t disk_of_recording(int64_t trajectory, int64_t parameters);

// Returns the subset of that name (stages/subset.h) as a set: real images and their
// representations.
SyntheticSet starting_set(Run& run, const std::string& subset);
// Returns the set in that file, on the run's device. Throws Error naming the file if it is no set
// whose images could be this run's (check_starting_set); warns if another teacher made them.
SyntheticSet starting_set_from(Run& run, const std::filesystem::path& path);
// Throws Error naming the file if its images have other sizes or its targets other than `dim`
// dimensions, if there are not subset.size of them, if they are normalised in another way, or if it
// is what this run's own distillation writes. Needs no teacher.
void check_starting_set(Run& run, const std::filesystem::path& path, int64_t dim);

// Returns the key of an optimisation's checkpoint: the manifest without the recipe, [pretrain], and
// without the option `left_out`.
std::string key_of_optimisation(Manifest manifest, const std::string& left_out = "");

// Returns a function for Stage::loses. An optimisation continues from its checkpoint with another
// recipe and with more of the iterations that the option `left_out` counts, and so loses nothing.
std::function<bool(const Run&, const Manifest& then, const Manifest& now)> loses_optimisation(
    const std::string& left_out = "");

// Returns where a set of this run comes from: version, options, seed, data, teacher, student.
std::map<std::string, std::string> run_provenance(Run& run);

// Chooses the recipe to pre-train on the set, reports it, and writes the set with it to the file.
// The set's provenance is that of the run, and `entries`.
void write_learned_set(Run& run, const StageFile& file, SyntheticSet set,
                       std::map<std::string, std::string> entries);

}  // namespace mkdt
