#include "mkdt/ssl/teacher_trainer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <ATen/record_function.h>
#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/base/random.h"
#include "mkdt/base/threads.h"
#include "mkdt/data/batches.h"
#include "mkdt/ssl/views_cuda.h"

namespace mkdt {
namespace {

std::vector<torch::Tensor> parameters_of(const TeacherState& state) {
  std::vector<torch::Tensor> all = state.encoder->parameters();
  const std::vector<torch::Tensor> others = state.algorithm->parameters();
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

}  // namespace

TeacherState initial_teacher_state(const BackboneShape& shape,
                                   const TeacherTrainingOptions& options, uint64_t seed,
                                   torch::Device device) {
  at::Generator generator = make_generator(seed, "teacher/initialise");
  TeacherState state;
  state.encoder = make_backbone(shape, generator);
  state.algorithm = make_ssl_algorithm(options.objective, shape, *state.encoder, generator);
  state.encoder->to(device);
  state.algorithm->to(device);
  state.optimiser = std::make_unique<Optimiser>(parameters_of(state), options.optimiser);
  return state;
}

TeacherTrainer::TeacherTrainer(const ImageSet& images, const BackboneShape& shape,
                               const TeacherTrainingOptions& options, uint64_t seed,
                               torch::Device device, TeacherState& state)
    : images_(images),
      options_(options),
      seed_(seed),
      device_(device),
      state_(state),
      pixels_(images, can_make_views_on(device) ? device : torch::kCPU),
      batch_(batch_size(images, options)),
      steps_per_epoch_(images.size() / batch_),
      views_(options.augmentation.views(options.objective.algorithm, images.image_size())),
      passes_(shape, options.objective, device, state) {}

int64_t TeacherTrainer::batch_size(const ImageSet& images, const TeacherTrainingOptions& options) {
  return std::min(options.batch, images.size());
}

EmbeddingSummary TeacherTrainer::train_epoch(const AfterStep& after_step) {
  EpochState& epoch = state_.epoch;
  const int64_t before = state_.epochs_done * steps_per_epoch_;
  const int64_t steps = options_.epochs * steps_per_epoch_;
  const int64_t warmup = std::min(options_.optimiser.warmup_epochs, options_.epochs / 4);
  at::Generator order = make_generator(seed_, "teacher/order", state_.epochs_done);
  if (epoch.steps == 0) {
    epoch.generator = make_generator(seed_, "teacher/views", state_.epochs_done);
  }
  state_.encoder->train();
  state_.algorithm->train();
  const auto batches = batches_for_steps(images_.size(), batch_, steps_per_epoch_, order);
  while (epoch.steps < steps_per_epoch_) {
    const int64_t step = before + epoch.steps;
    const double lr =
        options_.optimiser.peak_lr(batch_) * warmup_cosine(step, warmup * steps_per_epoch_, steps);
    const torch::Tensor& rows = batches[static_cast<size_t>(epoch.steps)];
    const double loss = train_step(pixels_.pixels(rows));
    update(lr, static_cast<double>(step) / static_cast<double>(steps));
    after_step(++epoch.steps * batch_, loss);
  }
  check_parameters();
  return epoch.monitor.summary();
}

void TeacherTrainer::close_epoch() {
  state_.epoch = {};
  ++state_.epochs_done;
}

void TeacherTrainer::check_parameters() const {
  for (const torch::Tensor& parameter : parameters_of(state_)) {
    if (all_finite(parameter)) continue;
    throw Error(fmt::format(
        "teacher: step {} of epoch {} ends with parameters that are not finite; lower "
        "teacher.lr (now {})",
        state_.epoch.steps, state_.epochs_done + 1, options_.optimiser.peak_lr(batch_)));
  }
}

// Leaves the gradient with the parameters.
double TeacherTrainer::train_step(const torch::Tensor& pixels) {
  const std::array<std::vector<ViewParameters>, 2> drawn = {draw(pixels, views_.first),
                                                            draw(pixels, views_.second)};
  const auto type = options_.precision == "bfloat16" ? torch::kBFloat16 : torch::kFloat32;
  const ViewPasses::Step step = passes_.forward([&](int view) {
    const torch::Tensor made =
        make_views(pixels, drawn[static_cast<size_t>(view)], images_.normalisation);
    return device_.is_cuda() ? made.to(device_, type).contiguous(at::MemoryFormat::ChannelsLast)
                             : made.to(device_, type);
  });
  if (!std::isfinite(step.loss)) {
    throw Error(fmt::format(
        "teacher: the loss is {} in step {} of epoch {}; lower teacher.lr (now {})", step.loss,
        state_.epoch.steps + 1, state_.epochs_done + 1, options_.optimiser.peak_lr(batch_)));
  }
  passes_.backward();
  const ThreadsOfOperators few(SideBySide::threads_between());
  RECORD_USER_SCOPE("monitors");
  state_.epoch.monitor.add(step.loss, step.features, step.embeddings);
  return step.loss;
}

std::vector<ViewParameters> TeacherTrainer::draw(const torch::Tensor& pixels,
                                                 const ViewOptions& views) {
  return draw_views(pixels.size(0), images_.image_size(), views, state_.epoch.generator);
}

void TeacherTrainer::update(double lr, double progress) {
  const ThreadsOfOperators few(SideBySide::threads_between());
  RECORD_USER_SCOPE("optimiser");
  state_.optimiser->step(lr);
  state_.algorithm->after_step(*state_.encoder, progress);
}

}  // namespace mkdt
