#include "mkdt/ssl/teacher_training.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn.h>
#include <torch/optim.h>

#include "mkdt/core/checksum.h"
#include "mkdt/core/error.h"
#include "mkdt/core/random.h"
#include "mkdt/data/batches.h"
#include "mkdt/ssl/schedule.h"
#include "mkdt/ssl/teacher_checkpoint.h"
#include "mkdt/ssl/views.h"

namespace mkdt {
namespace {

struct EpochSummary {
  double loss = 0;
  double feature_std = 0;
};

// Matrices and kernels decay; norms and biases do not.
std::unique_ptr<torch::optim::AdamW> make_optimiser(const TeacherState& state,
                                                    const TeacherOptions& options) {
  std::vector<torch::Tensor> decaying, others;
  for (const torch::nn::Module* module : {static_cast<torch::nn::Module*>(state.encoder.get()),
                                          static_cast<torch::nn::Module*>(state.algorithm.get())}) {
    for (const torch::Tensor& parameter : module->parameters()) {
      (parameter.dim() > 1 ? decaying : others).push_back(parameter);
    }
  }
  const auto group = [&](std::vector<torch::Tensor> parameters, double decay) {
    return torch::optim::OptimizerParamGroup(
        std::move(parameters), std::make_unique<torch::optim::AdamWOptions>(
                                   torch::optim::AdamWOptions(options.lr).weight_decay(decay)));
  };
  const std::vector<torch::optim::OptimizerParamGroup> groups = {
      group(decaying, options.weight_decay), group(others, 0)};
  return std::make_unique<torch::optim::AdamW>(groups, torch::optim::AdamWOptions(options.lr));
}

TeacherState initial_state(int64_t image_size, const TeacherOptions& options, uint64_t seed,
                           torch::Device device) {
  at::Generator generator = make_generator(seed, "teacher/initialise");
  TeacherState state;
  state.encoder = std::make_shared<ResNet>(ResNetShape{image_size, options.width}, generator);
  state.algorithm = make_ssl_algorithm(options, state.encoder->feature_dim(), generator);
  state.encoder->to(device);
  state.algorithm->to(device);
  state.optimiser = make_optimiser(state, options);
  return state;
}

// See teacher_training.h, teacher/feature_std.
torch::Tensor feature_std(const torch::Tensor& features) {
  const torch::Tensor z = features.detach();
  const torch::Tensor directions = z / z.norm(2, 1, true).clamp_min(1e-12);
  return directions.std(0, false).mean() * std::sqrt(static_cast<double>(z.size(1)));
}

class Trainer {
 public:
  Trainer(const ImageSet& images, const TeacherOptions& options, uint64_t seed,
          torch::Device device, TeacherState& state)
      : images_(images),
        options_(options),
        seed_(seed),
        device_(device),
        state_(state),
        batch_(std::min(options.batch, images.size())),
        steps_per_epoch_(images.size() / batch_) {}

  EpochSummary train_epoch() {
    const int64_t epoch = state_.epochs_done;
    at::Generator order = make_generator(seed_, "teacher/order", epoch);
    at::Generator augmentation = make_generator(seed_, "teacher/views", epoch);
    state_.encoder->train();
    state_.algorithm->train();
    EpochSummary sum;
    int64_t step = epoch * steps_per_epoch_;
    for (const torch::Tensor& rows :
         batches_for_steps(images_.size(), batch_, steps_per_epoch_, order)) {
      set_lr(step++);
      const EpochSummary one = train_step(images_.images.index_select(0, rows), augmentation);
      sum.loss += one.loss / static_cast<double>(steps_per_epoch_);
      sum.feature_std += one.feature_std / static_cast<double>(steps_per_epoch_);
    }
    ++state_.epochs_done;
    return sum;
  }

  int64_t images_per_epoch() const { return batch_ * steps_per_epoch_; }

 private:
  EpochSummary train_step(const torch::Tensor& pixels, at::Generator& augmentation) {
    TwoViews views;
    views.images1 = random_views(pixels, augmentation);
    views.images2 = random_views(pixels, augmentation);
    views.features1 = features(views.images1);
    views.features2 = features(views.images2);
    const torch::Tensor loss = state_.algorithm->loss(views);
    const EpochSummary summary{loss.item<double>(), feature_std(views.features1).item<double>()};
    if (!std::isfinite(summary.loss)) {
      throw Error(fmt::format("teacher: the loss is {} in epoch {}; lower teacher.lr (now {})",
                              summary.loss, state_.epochs_done + 1, options_.lr));
    }
    state_.optimiser->zero_grad();
    loss.backward();
    state_.optimiser->step();
    state_.algorithm->after_step(*state_.encoder);
    return summary;
  }

  torch::Tensor random_views(const torch::Tensor& pixels, at::Generator& generator) const {
    ViewOptions view_options;
    view_options.min_area = options_.min_crop;
    view_options.grey_probability = options_.grey;
    for (double* strength : {&view_options.brightness, &view_options.contrast,
                             &view_options.saturation, &view_options.hue}) {
      *strength *= options_.jitter;
    }
    const auto drawn = draw_views(pixels.size(0), images_.image_size(), view_options, generator);
    return make_views(pixels, drawn, images_.normalisation).to(device_);
  }

  torch::Tensor features(const torch::Tensor& images) {
    const auto type = options_.precision == "bfloat16" ? torch::kBFloat16 : torch::kFloat32;
    return state_.encoder->features(images.to(type)).to(torch::kFloat32);
  }

  void set_lr(int64_t step) {
    const int64_t warmup = std::min(options_.warmup_epochs, options_.epochs / 4);
    const double lr = options_.lr * warmup_cosine(step, warmup * steps_per_epoch_,
                                                  options_.epochs * steps_per_epoch_);
    for (torch::optim::OptimizerParamGroup& group : state_.optimiser->param_groups()) {
      static_cast<torch::optim::AdamWOptions&>(group.options()).lr(lr);
    }
  }

  const ImageSet& images_;
  const TeacherOptions& options_;
  uint64_t seed_;
  torch::Device device_;
  TeacherState& state_;
  int64_t batch_;
  int64_t steps_per_epoch_;
};

void check_images(const ImageSet& images) {
  if (images.channels() != 3 || images.size() < 2) {
    throw Error(fmt::format("{}: a teacher needs at least 2 colour images, got {} with {} channels",
                            images.name, images.size(), images.channels()));
  }
}

void run_epochs(Trainer& trainer, TeacherState& state, int64_t epochs, const std::string& identity,
                const std::filesystem::path& checkpoint, Observer& observer) {
  using Clock = std::chrono::steady_clock;
  while (state.epochs_done < epochs) {
    const auto begin = Clock::now();
    const EpochSummary summary = trainer.train_epoch();
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    if (!checkpoint.empty()) write_teacher_checkpoint(checkpoint, state, identity);
    observer.metric("teacher/loss", state.epochs_done, summary.loss);
    observer.metric("teacher/feature_std", state.epochs_done, summary.feature_std);
    observer.advance(state.epochs_done,
                     fmt::format("loss {:.4g}, {:.0f} images/s", summary.loss,
                                 static_cast<double>(trainer.images_per_epoch()) / seconds));
  }
}

}  // namespace

Teacher train_teacher(const ImageSet& images, const TeacherOptions& options, uint64_t seed,
                      torch::Device device, Observer& observer,
                      const std::filesystem::path& checkpoint) {
  check_images(images);
  const std::string text = training_options_text(options);
  const std::string identity =
      checksum(fmt::format("{} images {} seed {}", text, images.fingerprint(), seed));
  TeacherState state = initial_state(images.image_size(), options, seed, device);
  Trainer trainer(images, options, seed, device, state);

  observer.begin("teacher", options.epochs, "epochs");
  if (resume_teacher(checkpoint, identity, state, observer)) {
    observer.advance(state.epochs_done, "from the checkpoint");
  }
  run_epochs(trainer, state, options.epochs, identity, checkpoint, observer);
  observer.end();

  state.encoder->eval();
  return {state.encoder,
          images.normalisation,
          {{"options", text}, {"seed", std::to_string(seed)}, {"images", images.fingerprint()}}};
}

}  // namespace mkdt
