#include <algorithm>
#include <memory>

#include "mkdt/baseline/mtt_ssl.h"
#include "mkdt/baseline/ssl_source.h"
#include "mkdt/baseline/ssl_student.h"
#include "mkdt/core/random.h"
#include "mkdt/distill/matching_loss.h"
#include "mkdt/pipeline/learned_set_trial.h"
#include "mkdt/pipeline/stage_trials.h"
#include "mkdt/pipeline/trial_inputs.h"

namespace mkdt {
namespace {

using SslStudentPtr = std::shared_ptr<const SslStudent>;

torch::Tensor initial(const Run& run, const SslStudent& student, uint64_t index) {
  at::Generator generator = make_generator(run.seed(), "plan", index);
  return student.initialise(generator).to(run.device());
}

StageStep expert_step(Run& run, const SslStudentPtr& student) {
  const MttSslOptions& options = run.config().mtt_ssl;
  const int64_t images = run.images(Part::kTrain).size();
  const int64_t epoch = std::max<int64_t>(1, images / options.train_batch);
  StageStep step;
  step.name = "training step of an expert";
  step.option = "mtt_ssl.train_batch";
  step.batch = std::min(options.train_batch, images);
  step.count = static_cast<double>(options.experts * options.matching.readable_epochs() * epoch);
  step.least_batch = 2;
  step.run = [&run, student](int64_t batch, int64_t steps) {
    const MttSslOptions& chosen = run.config().mtt_ssl;
    const SslSource source = ssl_source(run.images(Part::kTrain), run.device());
    at::Generator generator = make_generator(run.seed(), "plan");
    Student state;
    state.theta = initial(run, *student, 0);
    SgdOptions sgd = chosen.train_sgd();
    sgd.lr = kSafeRate;
    const torch::Tensor rows = torch::arange(batch, torch::kLong).remainder(source.size);
    return seconds_of(steps, run.device(), [&] {
      ssl_step(*student, state, source, rows, chosen.ssl(), sgd, generator);
    });
  };
  return step;
}

StageStep matching_step(Run& run, const SslStudentPtr& student) {
  const DistillOptions& options = run.config().mtt_ssl.matching;
  StageStep step;
  step.name = "outer iteration";
  step.option = "mtt_ssl.batch";
  step.batch = std::min(options.batch, set_size(run));
  step.count = static_cast<double>(options.iterations);
  step.least_batch = std::min<int64_t>(2, step.batch);
  step.run = [&run, student](int64_t batch, int64_t steps) {
    const DistillOptions& chosen = run.config().mtt_ssl.matching;
    const ImageSet& train = run.images(Part::kTrain);
    const torch::Tensor images = some_images(train, set_size(run)).normalised(run.device());
    const torch::Tensor start = initial(run, *student, 0), target = initial(run, *student, 1);
    const MetaGradientEngine engine = meta_gradient_engine(chosen.engine);
    const DrawInnerLoss draw =
        ssl_inner_loss(run.config().mtt_ssl.ssl(), train.image_size(), train.normalisation);
    at::Generator generator = make_generator(run.seed(), "plan");
    return seconds_of(steps, run.device(), [&] {
      const auto batches = trial_batches(run, images.size(0), batch, chosen.syn_steps, generator);
      const InnerProblem problem = {*student,
                                    start,
                                    images,
                                    torch::zeros({images.size(0), 0}, images.options()),
                                    kSafeRate,
                                    batches,
                                    draw(batches, generator)};
      engine(problem, matching_loss(start, target));
    });
  };
  return step;
}

}  // namespace

StageTrial mtt_ssl_trial(Run& run, const StageNames& unfinished) {
  const MttSslOptions& options = run.config().mtt_ssl;
  const auto student =
      std::make_shared<const SslStudent>(expected_student(run, unfinished), options.ssl());
  StageTrial trial;
  trial.steps = {expert_step(run, student), matching_step(run, student)};
  add_learned_set(run, /*outputs=*/0, options.matching.iterations, trial);
  const int64_t trajectory =
      (options.matching.readable_epochs() + 1) * student->layout().size() * 4;
  trial.held_memory += 2 * trajectory;
  trial.disk +=
      options.experts * trajectory + disk_of_recording(trajectory, student->layout().size());
  trial.disk_option = "mtt_ssl.experts";
  return trial;
}

}  // namespace mkdt
