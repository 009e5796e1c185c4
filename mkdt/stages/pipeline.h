// The way in: a configuration and a folder become a finished run.
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

// What can be known to be wrong before the first stage.

// Everything that can go wrong in the stages `left` and needs no result of theirs: whether
// representations from outside fit the images, teacher.pca the teacher, the student and the
// meta-gradient engine the images, distill.start the run, and what check_comparison looks at. Reads
// the images and the files of teacher and start. Throws Error as the stages would, hours later;
// says what will work otherwise than it was asked for as a warning.
void check_run(Run& run, const StageNames& left);

// The way in: a configuration and a folder become a finished run.

// The resolved options of a run, in its folder.
inline constexpr const char* kConfigFile = "config.toml";

// runs/NAME for configs/NAME.toml.
std::filesystem::path default_run_folder(const std::filesystem::path& config_path);

// Writes the resolved options to kConfigFile in `folder`, then does every stage that is not done
// (or only the stage of that name, if it is not empty). What is said and measured goes to
// log.jsonl and metrics.jsonl too. Finished work that would be lost is replaced where `may_replace`
// says so; else nothing is touched. Throws Error for that and for what else the user can mend.
void run_pipeline(const Config& config, const std::filesystem::path& folder,
                  const std::string& only_stage, Observer& observer,
                  const MayReplace& may_replace = nullptr);

// The same for the stages of these names and all that they need.
void make_stages(const Config& config, const std::filesystem::path& folder,
                 const std::vector<std::string>& names, Observer& observer,
                 const MayReplace& may_replace = nullptr);

// The same for the comparison alone: the stages that its methods need, then the comparison.
void run_comparison(const Config& config, const std::filesystem::path& folder, Observer& observer,
                    const MayReplace& may_replace = nullptr);

// What is left to do for that.
struct ComparisonOutlook {
  std::vector<std::string> stages;  // to be done before it; their time is not in `work`
  std::vector<PlannedWork> work;    // estimated by a few steps of each pre-training
};
ComparisonOutlook comparison_outlook(const Config& config, const std::filesystem::path& folder,
                                     Observer& observer);

// Where the comparison's rows and tables are.
std::filesystem::path results_folder(const std::filesystem::path& run_folder);

}  // namespace mkdt
