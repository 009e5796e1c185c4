#include <algorithm>

#include "mkdt/pipeline/quality.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/trial_inputs.h"
#include "mkdt/pipeline/trial_steps.h"

namespace mkdt {

StageTrial embed_trial(Run& run, const StageNames& unfinished) {
  constexpr int64_t kFloat = sizeof(float);
  const TeacherOptions& options = run.config().teacher;
  const std::optional<ImageEncoder> encoder = expected_teacher(run, unfinished);
  const int64_t train = run.images(Part::kTrain).size();
  const int64_t test = run.images(Part::kTest).size();
  const int64_t all = train + run.images(Part::kValidation).size() + test;
  const int64_t dim = encoder ? encoder->dim : teacher_dim(run);
  const int64_t kept = options.processing.pca > 0 ? options.processing.pca : dim;
  const bool untrained_too = !options.outside.given() && run.images(Part::kTrain).labelled();
  const int64_t judged = std::min(train, kQualityRows);

  StageTrial trial;
  trial.sizes_change = true;
  int64_t represented = encoder ? all : 0;
  if (untrained_too) represented += judged + test;
  if (encoder) trial.steps.push_back(encode_step(run, *encoder, static_cast<double>(represented)));
  trial.steps.push_back(quality_step(run, kept, judged, Part::kTest, untrained_too ? 2 : 1));

  // Raw representations are in a file of their own, mapped, until all is done.
  const bool twice = encoder && options.processing.any();
  const int64_t raw = twice || !encoder ? all * dim * kFloat : 0;
  trial.held_memory = raw + (untrained_too ? (judged + test) * (dim + kept) * kFloat : 0);
  trial.disk = (twice ? raw : 0) + all * kept * kFloat;
  trial.disk_option = options.processing.pca > 0 ? "teacher.pca" : "data.limit";
  return trial;
}

}  // namespace mkdt
