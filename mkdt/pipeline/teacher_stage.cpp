#include <fmt/format.h>

#include "mkdt/core/quiet_observer.h"
#include "mkdt/data/spread_rows.h"
#include "mkdt/eval/representation_quality.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/stages.h"
#include "mkdt/ssl/teacher_training.h"

namespace mkdt {
namespace {

// What is done with the trained encoder's representations is the embed stage's.
Entries teacher_options(const Config& config) {
  Entries entries = options_of(config, {"data"});
  entries.merge(option_entries(config.teacher.training));
  return entries;
}

// k-NN and linear probe on the validation images.
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
  hooks.checkpoint = run.checkpoint("teacher", /*key=*/"");
  if (run.images(Part::kTrain).labelled() && run.images(Part::kValidation).size() > 0) {
    hooks.probe_every = options.probe_every;
    hooks.probe = [&](const Teacher& teacher, int64_t epoch) { probe(run, teacher, epoch); };
  }
  const Teacher teacher = train_teacher(run.images(Part::kTrain), options.training, run.seed(),
                                        run.device(), run.observer(), hooks);
  write_teacher(run.path("teacher", "teacher.safetensors"), teacher);
}

}  // namespace

Stage teacher_stage() {
  Stage stage;
  stage.name = "teacher";
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
