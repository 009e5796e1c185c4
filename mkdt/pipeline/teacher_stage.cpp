#include "mkdt/pipeline/stages.h"
#include "mkdt/ssl/teacher_training.h"

namespace mkdt {
namespace {

// What is done with the trained encoder's representations is the embed stage's.
Entries options(const Config& config) {
  Entries entries = options_of(config, {"data", "teacher"});
  for (const char* key : {"teacher.representations", "teacher.test_representations",
                          "teacher.standardise", "teacher.embed_batch"}) {
    entries.erase(key);
  }
  return entries;
}

void work(Run& run, const Manifest& /*manifest*/) {
  const Teacher teacher =
      train_teacher(run.images(Part::kTrain), run.config().teacher, run.seed(), run.device(),
                    run.observer(), run.path("teacher", "checkpoint.safetensors"));
  write_teacher(run.path("teacher", "teacher.safetensors"), teacher);
}

}  // namespace

Stage teacher_stage() {
  Stage stage;
  stage.name = "teacher";
  stage.purpose = "Train a self-supervised encoder on the unlabelled images.";
  stage.options = options;
  stage.sources = [](Run& run) { return Entries{{"data", run.source()}}; };
  stage.work = work;
  stage.resumes = true;
  return stage;
}

}  // namespace mkdt
