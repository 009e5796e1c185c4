#include "mkdt/stages/trial.h"

#include <algorithm>
#include <utility>

#include "mkdt/base/random.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/data/batches.h"
#include "mkdt/data/representations.h"
#include "mkdt/distill/pretrain.h"
#include "mkdt/distill/trajectory_task.h"
#include "mkdt/judge/knn.h"
#include "mkdt/judge/linear_probe.h"
#include "mkdt/judge/representation_quality.h"
#include "mkdt/ssl/script_encoder.h"
#include "mkdt/ssl/teacher_training.h"
#include "mkdt/stages/quality.h"

namespace mkdt {

std::optional<ImageEncoder> expected_teacher(Run& run, const StageNames& unfinished) {
  if (unfinished.count(kTeacherStage) == 0 || run.config().teacher.outside.given()) {
    return run_teacher(run);
  }
  TeacherTrainingOptions untrained = run.config().teacher.training;
  untrained.epochs = 0;
  Observer silent;
  return image_encoder(train_teacher(some_images(run.images(Part::kTrain), 2), untrained,
                                     run.seed(), run.device(), silent),
                       run.device());
}

int64_t teacher_dim(Run& run) {
  const TeacherOptions& teacher = run.config().teacher;
  if (!teacher.outside.representations.empty()) {
    return read_representations_header(teacher.outside.representations, -1).dim;
  }
  const ImageSet& images = run.images(Part::kTrain);
  if (!teacher.outside.torchscript.empty()) {
    return script_encoder(teacher.outside, images, run.device()).dim;
  }
  BackboneShape shape = teacher.training.backbone;
  shape.image_size = images.image_size();
  at::Generator generator = make_generator(run.seed(), "plan");
  return make_backbone(resolved(shape), generator)->feature_dim();
}

int64_t expected_dim(Run& run, const StageNames& unfinished) {
  if (unfinished.count(kEmbedStage) == 0) return run.representations_header(Part::kTrain).dim;
  const int64_t reduced = run.config().teacher.processing.pca;
  return reduced > 0 ? reduced : teacher_dim(run);
}

NetworkPtr expected_student(Run& run, const StageNames& unfinished) {
  const ImageSet& images = run.images(Part::kTrain);
  return run.config().experts.student(images.channels(), images.image_size(),
                                      expected_dim(run, unfinished));
}

torch::Tensor expected_targets(Run& run, Part part, const StageNames& unfinished) {
  if (unfinished.count(kEmbedStage) == 0) return run.targets(part);
  return stand_in({run.images(part).size(), expected_dim(run, unfinished)}, run.device());
}

torch::Tensor stand_in(at::IntArrayRef sizes, torch::Device device) {
  at::Generator generator = make_generator(/*seed=*/0, "plan");
  return torch::randn(sizes, generator, torch::TensorOptions(torch::kFloat32)).to(device);
}

ImageSet some_images(const ImageSet& images, int64_t count) {
  return images.subset(torch::arange(count, torch::kLong).remainder(images.size()));
}

DistillState stand_in_set(Run& run, int64_t outputs) {
  DistillState set;
  set.images = some_images(run.images(Part::kTrain), set_size(run)).normalised(run.device());
  set.targets = stand_in({set.images.size(0), outputs}, run.device());
  set.syn_lr = kSafeRate;
  return set;
}

DrawOuterTask stand_in_tasks(const Run& run, const Network& student) {
  const auto drawn = [&](uint64_t index) {
    at::Generator generator = make_generator(run.seed(), "plan", index);
    return student.initialise(generator).to(run.device());
  };
  return [start = drawn(0), target = drawn(1)](const DistillState& /*state*/,
                                               at::Generator& /*generator*/) {
    return OuterTask{start, matching_loss(start, target)};
  };
}

int64_t set_size(Run& run) { return run.config().subset.count(run.images(Part::kTrain).size()); }

int64_t pixel_count(Run& run) {
  const ImageSet& images = run.images(Part::kTrain);
  return images.channels() * images.image_size() * images.image_size();
}

namespace {

constexpr int64_t kForwardBatch = 256;  // as networks without gradient have them (nn/network.cpp)

// Returns a few linear combinations of the pixels: unlike random numbers, they are as unevenly
// spread as representations, so that fits to them take as many steps.
torch::Tensor features_of_pixels(Run& run, const ImageSet& images, int64_t dim) {
  constexpr int64_t kRows = 512;
  const torch::Tensor projection = stand_in({pixel_count(run), dim}, torch::kCPU);
  torch::Tensor features = torch::empty({images.size(), dim});
  for (int64_t begin = 0; begin < images.size(); begin += kRows) {
    const int64_t end = std::min(begin + kRows, images.size());
    const torch::Tensor pixels =
        images.normalised(torch::arange(begin, end, torch::kLong), torch::kCPU);
    features.slice(0, begin, end).copy_(pixels.flatten(1).mm(projection));
  }
  return features;
}

constexpr int64_t kFewRows = 1024;

// Does what representation_quality does; or, since a probe of a few rows that are easily told apart
// takes many iterations, only the beginning of the fit, which needs the same memory.
void judge(const LabelledRepresentations& fitted, const LabelledRepresentations& asked,
           bool begin_only, const Observer& observer) {
  if (!begin_only || !fitted.labels.defined() || !asked.labels.defined()) {
    representation_quality("plan", fitted, asked, kQualityRows, observer);
    return;
  }
  const int64_t classes =
      std::max(fitted.labels.max().item<int64_t>(), asked.labels.max().item<int64_t>()) + 1;
  knn_scores(fitted.values, fitted.labels, asked.values, classes, {}, observer);
  ProbeOptions options;
  options.iterations = 1;
  probe_scores(fit_linear_probe(fitted.values, fitted.labels, classes, options, {}, observer),
               asked.values, observer);
}

// Returns images of the set: at most `rows`, or all if there are fewer, and none twice.
ImageSet few_images(const ImageSet& images, int64_t rows) {
  return images.subset(spread_rows(images.size(), std::max<int64_t>(rows, 1)));
}

}  // namespace

StageStep pretraining_step(Run& run, const NetworkPtr& network, const Pretraining& pretraining,
                           const std::string& option, int64_t batch, double count) {
  StageStep step;
  step.name = "pre-training step";
  step.option = option;
  step.batch = batch;
  step.count = count;
  step.least_batch = 2;
  step.run = [&run, network, pretraining](int64_t size, int64_t steps) {
    TrainingOptions options = run.config().pretrain.training({kSafeRate});
    options.batch = size;
    Seconds seconds;
    Stopwatch watch;
    pretraining.train(network, steps, options, /*seed=*/0,
                      [&](int64_t, const torch::Tensor&) { seconds.push_back(watch.lap()); });
    return seconds;
  };
  return step;
}

StageStep set_step(Run& run, const NetworkPtr& network, double count) {
  const DistillState set = stand_in_set(run, network->output_dim());
  const RegressionSet regression = regression_set(set.images, set.targets, run.device());
  return pretraining_step(run, network, regression_pretraining(regression), "pretrain.batch",
                          std::min(run.config().pretrain.batch, set_size(run)), count);
}

Seconds seconds_of_training(const ExpertCourse& course, int64_t steps) {
  ExpertStart start = course.start(0);
  const torch::Tensor rows = course.draw_batches(start.generator).front();
  Student student;
  student.theta = start.theta;
  return seconds_of(steps, course.device, [&] { course.step(student, rows, start.generator); });
}

Seconds seconds_of_iterations(Run& run, const Distillation& distillation, int64_t outputs,
                              int64_t steps) {
  const DistillState start = stand_in_set(run, outputs);
  const OuterIteration iteration(distillation, start.targets);
  at::Generator generator = make_generator(run.seed(), "plan");
  return seconds_of(steps, run.device(), [&] {
    DistillState state = start;
    iteration.update(state, iteration.gradient(state, generator, run.observer()));
  });
}

StageStep forward_step(Run& run, const NetworkPtr& network, double images) {
  StageStep step;
  step.name = "representation of images";
  step.option = "experts.width";
  step.batch = kForwardBatch;
  step.count = images / static_cast<double>(kForwardBatch);
  step.run = [&run, network](int64_t batch, int64_t steps) {
    const ImageSet some = some_images(run.images(Part::kTrain), batch);
    const torch::Tensor theta = initial_encoder(*network, /*seed=*/0, run.device());
    const auto images_at = [&](int64_t begin, int64_t end) {
      return some.normalised(torch::arange(begin, end, torch::kLong), run.device());
    };
    return seconds_of(steps, run.device(), [&] {
      outputs_in_batches(*network, theta, images_at, batch).flatten()[0].item<double>();
    });
  };
  return step;
}

StageStep encode_step(Run& run, const ImageEncoder& encoder, double images) {
  StageStep step;
  step.name = "representation by the teacher";
  step.option = "teacher.embed_batch";
  step.batch = std::min(run.config().teacher.embed_batch, run.images(Part::kTrain).size());
  step.count = images / static_cast<double>(step.batch);
  step.run = [&run, encoder](int64_t batch, int64_t steps) {
    const ImageSet some = some_images(run.images(Part::kTrain), batch);
    return seconds_of(steps, run.device(), [&] { encode_rows(encoder, some, 0, some.size()); });
  };
  return step;
}

StageStep quality_step(Run& run, int64_t dim, int64_t rows, Part tests, double count) {
  StageStep step;
  step.name = "k-NN and linear probe";
  step.option = "data.limit";
  step.batch = std::min(rows, run.images(Part::kTrain).size());
  step.count = count;
  step.least_batch = std::min<int64_t>(16, step.batch);
  step.run = [&run, dim, tests, all = step.batch](int64_t batch, int64_t steps) {
    const ImageSet train = few_images(run.images(Part::kTrain), batch);
    const LabelledRepresentations fitted = {features_of_pixels(run, train, dim), train.labels};
    const ImageSet& test = run.images(tests);
    const LabelledRepresentations asked = {features_of_pixels(run, test, dim), test.labels};
    return seconds_of(steps, run.device(), [&] {
      judge(fitted, asked, batch < all && batch < kFewRows, run.observer());
    });
  };
  return step;
}

void add_recipe_search(Run& run, const NetworkPtr& network, StageTrial& trial) {
  const PretrainOptions& pretrain = run.config().pretrain;
  if (!pretrain.searches()) return;
  const auto rates = static_cast<double>(pretrain.lrs.size());
  const int64_t looks = std::min(pretrain.evaluations, pretrain.max_steps);
  trial.steps.push_back(set_step(run, network, rates * static_cast<double>(pretrain.max_steps)));
  trial.steps.push_back(forward_step(
      run, network, rates * static_cast<double>(looks * run.images(Part::kValidation).size())));
}

}  // namespace mkdt
