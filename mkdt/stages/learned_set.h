// What the stages that learn a synthetic set share: where they start, how the set is kept and
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

// Pictures of how a synthetic set came about: the images before and after, and the curve of the
// loss.

struct LossCurve {
  std::string file;  // "matching_loss.svg"
  std::string title, x_label, y_label;
  std::vector<double> values;  // one a step; none: no file
};

// contact_sheet.png (the real images that it started from above, the synthetic ones below, at most
// a hundred of each, evenly spread) and the curve in `folder`. start_images [M,C,H,W] in normalised
// space.
void write_set_pictures(const std::filesystem::path& folder, const torch::Tensor& start_images,
                        const SyntheticSet& set, const LossCurve& curve);

// What the stages that learn a synthetic set hold and write besides their steps.

// Images and `outputs` numbers of target an image, the optimiser's moments of both, the state to go
// back to, checkpoints, the file and its pictures, and two lines of metrics for each of
// `iterations`.
void add_learned_set(Run& run, int64_t outputs, int64_t iterations, StageTrial& trial);

// Bytes of one expert's checkpoints while it is in training: two, and the next one's temporary
// file. `trajectory` is the size of a finished one in bytes.
int64_t disk_of_recording(int64_t trajectory, int64_t parameters);

// What the stages that learn a synthetic set share: where they start, and how the set is kept.

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

// Chooses the recipe to pre-train on the set, says it, and writes the set with it to the file. Its
// provenance is that of the run, and `entries`.
void write_learned_set(Run& run, const StageFile& file, SyntheticSet set,
                       std::map<std::string, std::string> entries);

}  // namespace mkdt
