// Describes a stage of the pipeline, what it reads, what it depends on and what it does; finds the
// stages that are not done, and does them.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "mkdt/run/manifest.h"
#include "mkdt/run/run.h"
#include "mkdt/stages/trial.h"

namespace mkdt {

struct Stage {
  std::string name;                 // also its folder and its subcommand
  std::string purpose;              // one sentence, for --help
  std::vector<std::string> inputs;  // earlier stages whose outputs it reads
  // Tells which of their .safetensors files it reads, by their paths in the run folder; null for
  // all.
  std::function<bool(const std::string& file)> reads = nullptr;
  // Returns the options that its outputs depend on. Where networks run, how many threads do, and
  // how often checkpoints are written is not among them.
  std::function<Entries(const Config&)> options;
  // Returns the files outside the run folder that it reads: name → checksum.
  std::function<Entries(Run&)> sources;
  // Does the work. `manifest` has all but outputs and seconds.
  std::function<void(Run&, const Manifest& manifest)> work;
  // Returns the work in steps that can be tried beforehand, where the stages `unfinished` are not
  // done.
  std::function<StageTrial(Run&, const StageNames& unfinished)> trial;
  // The key of the option to lower where the memory of a GPU does not suffice for its work, or
  // nothing.
  std::string batch_option;
  // Says whether `work` itself continues what it finds in its folder; otherwise the folder is
  // emptied before the stage is done again.
  bool resumes = false;
  // Tells whether the outputs do as they are where this changed: they have more than is asked for
  // now. Null where nothing may change.
  std::function<bool(const Change&)> tolerates = nullptr;
  // Tells whether doing it again throws finished work of note away, i.e. does not continue it. Null
  // where it takes little, or nothing is lost.
  std::function<bool(const Run&, const Manifest& then, const Manifest& now)> loses = nullptr;
  // Tells whether this output changes where these options and inputs changed; null if it always
  // does.
  std::function<bool(const std::string& file, const std::set<std::string>& changed)> remakes =
      nullptr;
};

// Tells whether the stage reads this output of an earlier one. Pictures and reports are for people.
bool is_read(const Stage& stage, const std::string& file);

// Returns the changes from `then` to `now` that the stage does not tolerate.
std::vector<Change> changes_that_count(const Stage& stage, const Manifest& then,
                                       const Manifest& now);

// Returns every stage there is, in order; without the teacher where one is given.
std::vector<Stage> stages_of(const Config& config);

// Returns the stages of these names and all that they need, in order. Throws Error if there is no
// such stage.
std::vector<Stage> stages_for(const Config& config, const std::vector<std::string>& goals);

// Returns which of these, in order, are not done: their manifest is missing, or an option or an
// input has changed since, or comes from a stage that is not done.
std::vector<std::string> unfinished(Run& run, const std::vector<Stage>& stages);

// A stage that is not done, with the reason, e.g. "distill.syn_steps changed from 10 to 20" or
// "after embed".
struct UnfinishedStage {
  std::string name;
  std::string reason;
};
std::vector<UnfinishedStage> unfinished_stages(Run& run, const std::vector<Stage>& stages);

// Does, in order, the stages that are not done, and reports which and why. Before that, what a
// stage reads is compared with the checksums in the manifests. `lost` is the finished work that may
// be replaced: none of it counts as finished once the first of its stages begins. Throws Error
// naming a damaged file or other finished work that would be lost, and Stopped where the observer
// wants to stop.
void run_stages(Run& run, const std::vector<Stage>& stages, const StageNames& lost = {});

// Returns the stage of that name, to be done by itself. Throws Error if a stage that it reads from
// is not done, or if there is no stage of that name.
Stage ready_stage(Run& run, const std::string& name);

}  // namespace mkdt
