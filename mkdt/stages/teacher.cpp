#include <algorithm>

#include <fmt/format.h>

#include "mkdt/base/observer.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/data/batches.h"
#include "mkdt/judge/representation_quality.h"
#include "mkdt/ssl/teacher_trainer.h"
#include "mkdt/ssl/teacher_training.h"
#include "mkdt/stages/stages.h"
#include "mkdt/stages/trial.h"

namespace mkdt {
namespace {

constexpr int64_t kFloat = sizeof(float);
// A checkpoint holds parameters and what the optimiser keeps of each, at most two numbers.
constexpr int64_t kNumbersAParameter = 3;
constexpr int64_t kFilesAtOnce = 3;  // two checkpoints and the next one's temporary file

class LapObserver : public Observer {
 public:
  void begin(const std::string&, int64_t, const std::string&) override { watch_.lap(); }
  void advance(int64_t, const std::string&) override { seconds.push_back(watch_.lap()); }
  Seconds seconds;

 private:
  Stopwatch watch_;
};

// Trains for one short epoch.
Seconds train(Run& run, int64_t batch, int64_t steps) {
  TeacherTrainingOptions options = run.config().teacher.training;
  options.batch = batch;
  options.epochs = 1;
  options.optimiser.lr = kSafeRate;
  LapObserver laps;
  train_teacher(some_images(run.images(Part::kTrain), batch * steps), options, run.seed(),
                run.device(), laps);
  return laps.seconds;
}

// Returns the number of parameters of encoder and algorithm.
int64_t parameters(Run& run) {
  const TeacherTrainingOptions& options = run.config().teacher.training;
  BackboneShape shape = options.backbone;
  shape.image_size = run.images(Part::kTrain).image_size();
  const TeacherState state =
      initial_teacher_state(resolved(shape), options, run.seed(), torch::kCPU);
  int64_t count = 0;
  for (const torch::Tensor& parameter : state.encoder->parameters()) count += parameter.numel();
  for (const torch::Tensor& parameter : state.algorithm->parameters()) count += parameter.numel();
  return count;
}

void add_probes(Run& run, StageTrial& trial) {
  const TeacherOptions& options = run.config().teacher;
  const ImageSet& train_images = run.images(Part::kTrain);
  const int64_t held_out = run.images(Part::kValidation).size();
  if (!train_images.labelled() || held_out == 0 || options.probe_every == 0) return;
  const int64_t epochs = options.training.epochs;
  const int64_t probes = (epochs + options.probe_every - 1) / options.probe_every;
  const int64_t rows = std::min(train_images.size(), kTeacherProbeRows);
  const ImageEncoder encoder = *expected_teacher(run, {kTeacherStage});
  trial.steps.push_back(encode_step(run, encoder, static_cast<double>(probes * (rows + held_out))));
  trial.steps.push_back(
      quality_step(run, encoder.dim, rows, Part::kValidation, static_cast<double>(probes)));
}

}  // namespace

StageTrial teacher_trial(Run& run, const StageNames& /*unfinished*/) {
  const TeacherTrainingOptions& options = run.config().teacher.training;
  const int64_t images = run.images(Part::kTrain).size();
  StageStep step;
  step.name = "training step";
  step.option = "teacher.batch";
  step.batch = std::min(options.batch, images);
  const int64_t steps_per_epoch = images / step.batch;
  step.count = static_cast<double>(options.epochs * steps_per_epoch);
  step.least_batch = std::min<int64_t>(16, step.batch);
  step.run = [&run](int64_t batch, int64_t steps) { return train(run, batch, steps); };

  StageTrial trial;
  trial.steps.push_back(step);
  add_probes(run, trial);
  const int64_t saved = parameters(run) * kNumbersAParameter * kFloat;
  trial.held_memory = 2 * saved;  // the optimiser's state is copied twice on its way to the file
  trial.disk = kFilesAtOnce * saved + saved / kNumbersAParameter;
  trial.disk_option = "teacher.width";
  return trial;
}

namespace {

// Returns the options of the training alone; what is done with the encoder's representations
// concerns the embed stage.
Entries teacher_options(const Config& config) {
  Entries entries = options_of(config, {"data"});
  entries.merge(option_entries(config.teacher.training));
  return entries;
}

// Measures k-NN and linear probe on the validation images.
void probe(Run& run, const Teacher& teacher, int64_t epoch) {
  QuietObserver silent(run.observer());
  const ImageSet& all = run.images(Part::kTrain);
  const ImageSet train = all.subset(spread_rows(all.size(), kTeacherProbeRows));
  const ImageEncoder encoder = image_encoder(teacher, run.device());
  const auto represent = [&](const ImageSet& images) {
    return LabelledRepresentations{embed(encoder, images, run.config().teacher.embed_batch, silent),
                                   images.labels};
  };
  const RepresentationQuality quality =
      representation_quality(fmt::format("teacher: epoch {}", epoch), represent(train),
                             represent(run.images(Part::kValidation)), kTeacherProbeRows, silent);
  run.observer().metric("teacher/knn", epoch, *quality.knn);
  run.observer().metric("teacher/probe", epoch, *quality.probe);
  run.observer().info(to_text(quality) + " (validation images)");
}

void teacher_work(Run& run, const Manifest& /*manifest*/) {
  const TeacherOptions& options = run.config().teacher;
  TeacherTrainingHooks hooks;
  hooks.checkpoint = run.checkpoint(kTeacherStage, /*key=*/"");
  if (run.images(Part::kTrain).labelled() && run.images(Part::kValidation).size() > 0) {
    hooks.probe_every = options.probe_every;
    hooks.probe = [&](const Teacher& teacher, int64_t epoch) { probe(run, teacher, epoch); };
  }
  const Teacher teacher = train_teacher(run.images(Part::kTrain), options.training, run.seed(),
                                        run.device(), run.observer(), hooks);
  write_teacher(run.path(kTeacherFile), teacher);
}

}  // namespace

Stage teacher_stage() {
  Stage stage;
  stage.name = kTeacherStage;
  stage.purpose = "Train a self-supervised encoder on the unlabelled images.";
  stage.options = teacher_options;
  stage.sources = [](Run& run) { return Entries{{"data", run.source()}}; };
  stage.work = teacher_work;
  stage.trial = teacher_trial;
  stage.batch_option = "teacher.batch";
  stage.resumes = true;
  stage.loses = loses_all;
  return stage;
}

}  // namespace mkdt
