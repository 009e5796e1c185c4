// A stage of the pipeline: what it reads, what it depends on, what it does; and when it is done.
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
  // Which of their .safetensors files it does, by their paths in the run folder; none is all.
  std::function<bool(const std::string& file)> reads = nullptr;
  // The options that its outputs depend on. Where networks run, how many threads do, and how often
  // checkpoints are written is not among them.
  std::function<Entries(const Config&)> options;
  // Files outside the run folder that it reads: name → checksum.
  std::function<Entries(Run&)> sources;
  // Does the work. `manifest` has all but outputs and seconds.
  std::function<void(Run&, const Manifest& manifest)> work;
  // The same in steps that can be tried beforehand, where the stages `unfinished` are not done.
  std::function<StageTrial(Run&, const StageNames& unfinished)> trial;
  // What to lower where the memory of a GPU does not suffice for its work: a key, or nothing.
  std::string batch_option;
  // Whether `work` itself goes on from what it finds in its folder; otherwise the folder is emptied
  // before the stage is done again.
  bool resumes = false;
  // Whether doing it again throws finished work of note away, i.e. does not go on from it. None:
  // it takes little, or nothing is lost.
  std::function<bool(const Run&, const Manifest& then, const Manifest& now)> loses = nullptr;
  // Whether this output comes out another where these options and inputs changed; none is always.
  std::function<bool(const std::string& file, const std::set<std::string>& changed)> remakes =
      nullptr;
};

// Whether the stage reads this output of an earlier one. Pictures and reports are for people.
bool is_read(const Stage& stage, const std::string& file);

// Every stage there is, in order; without the teacher where one is given.
std::vector<Stage> stages_of(const Config& config);

// The stages of these names and all that they need, in order. Error if there is no such stage.
std::vector<Stage> stages_for(const Config& config, const std::vector<std::string>& goals);

// Which of these, in order, are not done: their manifest is missing, or an option or an input has
// changed since, or comes from a stage that is not done.
std::vector<std::string> unfinished(Run& run, const std::vector<Stage>& stages);

// The same with the reasons, e.g. "distill.syn_steps changed from 10 to 20", "after embed".
struct UnfinishedStage {
  std::string name;
  std::string reason;
};
std::vector<UnfinishedStage> unfinished_stages(Run& run, const std::vector<Stage>& stages);

// Does those of the stages, in order, that are not done, saying which and why. What a stage reads
// is compared with the checksums in the manifests first. `lost` is the finished work that may be
// replaced: none of it counts as finished once the first of its stages begins. Throws Error naming
// a damaged file or other finished work that would be lost, Stopped where the observer wants it.
void run_stages(Run& run, const std::vector<Stage>& stages, const StageNames& lost = {});

// The stage of that name, to be done by itself. Error if a stage that it reads from is not done, or
// if there is no stage of that name.
Stage ready_stage(Run& run, const std::string& name);

}  // namespace mkdt
