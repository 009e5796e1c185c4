#include <fmt/format.h>

#include "mkdt/baseline/mtt_ssl.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/pipeline/learned_set.h"
#include "mkdt/pipeline/report_files.h"
#include "mkdt/pipeline/set_pictures.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/stages.h"
#include "mkdt/pipeline/subset_files.h"

namespace mkdt {
namespace {

constexpr const char* kMttSslStart = "random";  // no teacher, so no loss to choose other images by

Entries mtt_ssl_options(const Config& config) {
  Entries entries = options_of(config, {"data", "mtt_ssl"});
  entries.erase("mtt_ssl.checkpoint_every");
  entries.merge(config.student());
  return entries;
}

// Experts depend neither on the subset nor on how they are matched, nor on how many there are.
std::string key_of_each_expert(Manifest manifest, const Network& network,
                               const MttSslOptions& options) {
  OptionTable table;
  OptionSection section = table.section("mtt_ssl");
  DistillOptions().declare_matching(section);
  for (const Option& option : table.options()) manifest.options.erase(option.key());
  manifest.options.erase("mtt_ssl.experts");
  manifest.options["epochs"] = std::to_string(options.matching.readable_epochs());
  manifest.options["outputs"] = std::to_string(network.output_dim());
  manifest.inputs = {{"data", manifest.inputs.at("data")}};
  return manifest.key();
}

std::map<std::string, std::string> mtt_ssl_provenance(Run& run, const DistillState& state) {
  std::map<std::string, std::string> entries = run_provenance(run);
  entries["method"] = "mtt-ssl";
  entries["start"] = kMttSslStart;
  entries["iterations"] = std::to_string(run.config().mtt_ssl.matching.iterations);
  const std::vector<double>& losses = state.outer_losses;
  if (!losses.empty()) entries["last_outer_loss"] = fmt::format("{:.6g}", losses.back());
  return entries;
}

void mtt_ssl_work(Run& run, const Manifest& manifest) {
  // 1. Optimise images and learning rate; there are no targets.
  const ImageSet& images = run.images(Part::kTrain);
  const torch::Tensor start = images.normalised(read_subset(run, kMttSslStart), run.device());
  write_start(run, "mtt-ssl",
              {start, torch::zeros({start.size(0), 0}), /*syn_lr=*/0, images.normalisation, {}});
  const MttSslOptions& options = run.config().mtt_ssl;
  const NetworkPtr network = run.student();
  const MttSsl mtt = {network,
                      images,
                      options,
                      run.seed(),
                      run.device(),
                      run.folder() / "mtt-ssl",
                      key_of_each_expert(manifest, *network, options),
                      run.checkpoint("mtt-ssl", key_of_optimisation(manifest, "mtt_ssl.iterations"),
                                     options.matching.checkpoint_every)};
  const DistillState state = mtt_ssl(mtt, start, run.observer());

  // 2. Keep them, and pictures of them.
  const SyntheticSet set = {state.images, state.targets, state.syn_lr, images.normalisation,
                            mtt_ssl_provenance(run, state)};
  write_synthetic_set(run.path("mtt-ssl", "mtt-ssl.safetensors"), set);
  write_set_pictures(run.folder() / "mtt-ssl", start, set,
                     {"matching_loss.svg", "Matching of self-supervised trajectories (MTT-SSL)",
                      "iteration", "matching loss", state.outer_losses});
}

}  // namespace

Stage mtt_ssl_stage() {
  Stage stage;
  stage.name = "mtt-ssl";
  stage.purpose =
      "Optimise a synthetic set by matching trajectories of self-supervised students: the "
      "comparison's negative control.";
  stage.inputs = {"subset"};
  stage.reads = reads_subset(kMttSslStart);
  stage.options = mtt_ssl_options;
  stage.sources = [](Run& run) { return Entries{{"data", run.source()}}; };
  stage.work = mtt_ssl_work;
  stage.trial = mtt_ssl_trial;
  stage.batch_option = "mtt_ssl.batch";
  stage.resumes = true;
  stage.loses = loses_optimisation("mtt_ssl.iterations");
  return stage;
}

}  // namespace mkdt
