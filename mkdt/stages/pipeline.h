// Start reading here: turns a configuration and a folder into a finished run.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkdt/base/observer.h"
#include "mkdt/compare/comparison_cost.h"
#include "mkdt/run/config.h"
#include "mkdt/run/run.h"
#include "mkdt/stages/finished_work.h"
#include "mkdt/stages/trial.h"

namespace mkdt {

// Checks everything that can go wrong in the stages `left` and needs no result of theirs: whether
// given representations fit the images, teacher.pca the teacher, the student and the meta-gradient
// engine the images, distill.start the run, and what check_comparison checks. Reads the images and
// the files of teacher and start. Throws Error as the stages would, hours later; warns of what will
// work otherwise than it was asked for.
void check_run(Run& run, const StageNames& left);

// The file of a run's resolved options, in its folder.
inline constexpr const char* kConfigFile = "config.toml";

// Returns runs/NAME for configs/NAME.toml.
std::filesystem::path default_run_folder(const std::filesystem::path& config_path);

// Writes the resolved options to kConfigFile in `folder`, then does every stage that is not done
// (or only the stage of that name, if it is not empty). Messages and measurements also go to
// log.jsonl and metrics.jsonl. Finished work that would be lost is replaced where `may_replace`
// says so; otherwise nothing is touched. Throws Error for that and for whatever else the user can
// mend.
void run_pipeline(const Config& config, const std::filesystem::path& folder,
                  const std::string& only_stage, Observer& observer,
                  const MayReplace& may_replace = nullptr);

// Does, in the same way, the stages of these names and all that they need.
void make_stages(const Config& config, const std::filesystem::path& folder,
                 const std::vector<std::string>& names, Observer& observer,
                 const MayReplace& may_replace = nullptr);

// Does, in the same way, the stages that the comparison's methods need, then the comparison.
void run_comparison(const Config& config, const std::filesystem::path& folder, Observer& observer,
                    const MayReplace& may_replace = nullptr);

// What run_comparison still has to do.
struct ComparisonOutlook {
  std::vector<std::string> stages;  // to be done before it; their time is not in `work`
  std::vector<PlannedWork> work;    // estimated by a few steps of each pre-training
};
ComparisonOutlook comparison_outlook(const Config& config, const std::filesystem::path& folder,
                                     Observer& observer);

// Returns the folder of the comparison's rows and tables.
std::filesystem::path results_folder(const std::filesystem::path& run_folder);

}  // namespace mkdt
