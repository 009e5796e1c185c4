#include "mkdt/distill/distiller.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/random.h"

namespace mkdt {
namespace {

constexpr int64_t kMostFailures = 8;  // in a row, before distillation gives up

class Distiller {
 public:
  Distiller(const Distillation& distillation, const torch::Tensor& start_targets)
      : run_(distillation),
        options_(distillation.options),
        iteration_(distillation, start_targets),
        checkpoints_(distillation.checkpoint),
        generator_(make_generator(distillation.seed, "distill")) {}

  DistillState run(DistillState start, Observer& observer);

 private:
  void resume(Observer& observer);
  MetaGradient begin_iteration(const Observer& observer);
  void take_back(Observer& observer);
  void show(bool last, Observer& observer) const;
  void save() { checkpoints_.write(to_tensors({state_, good_, generator_})); }

  const Distillation& run_;
  const DistillOptions& options_;
  OuterIteration iteration_;
  Checkpoints checkpoints_;
  at::Generator generator_;
  DistillState state_;
  DistillState good_;     // before the last update
  int64_t failures_ = 0;  // in a row
};

bool finite(const MetaGradient& gradient) {
  return std::isfinite(gradient.loss) && std::isfinite(gradient.lr) &&
         all_finite({gradient.images, gradient.targets});
}

bool finite(const DistillState& state) {
  return std::isfinite(state.syn_lr) &&
         all_finite({state.images, state.targets, state.images_moments.first,
                     state.images_moments.second, state.targets_moments.first,
                     state.targets_moments.second, state.syn_lr_moments.first,
                     state.syn_lr_moments.second});
}

DistillState Distiller::run(DistillState start, Observer& observer) {
  state_ = good_ = std::move(start);
  resume(observer);
  observer.begin(run_.name, options_.iterations, "iterations");
  while (state_.iteration() < options_.iterations) {
    // 1. and 2. Draw what a student should become, and differentiate how far from it N steps on the
    //    synthetic set lead.
    const MetaGradient gradient = begin_iteration(observer);

    // 3. Where the loss is not finite, take the last update back and halve the rates.
    if (!finite(gradient)) {
      take_back(observer);
      continue;
    }
    good_ = state_;

    // 4. Move images X, targets Z and learning rate α against the gradient; take that back, too,
    //    if it leads beyond what a number can be.
    iteration_.update(state_, gradient);
    if (!finite(state_)) {
      take_back(observer);
      continue;
    }
    failures_ = 0;
    state_.outer_losses.push_back(gradient.loss);

    const int64_t iteration = state_.iteration();
    observer.metric(run_.name + "/" + run_.loss_name, iteration, gradient.loss);
    observer.metric(run_.name + "/syn_lr", iteration, state_.syn_lr);
    observer.advance(iteration,
                     fmt::format("J {:.4f}, syn_lr {:.4g}", gradient.loss, state_.syn_lr));

    // A curve's points may be reported twice, but no state is kept whose points were not reported.
    const bool last = iteration == options_.iterations;
    const bool stop = observer.stop_wanted() && !last;
    show(last, observer);
    if (last || stop || checkpoints_.due(iteration)) save();
    if (stop) throw Stopped();
  }
  observer.end();
  return state_;
}

void Distiller::resume(Observer& observer) {
  int64_t most = 0;
  const auto take_over = [&](const TensorFile& file) {
    DistillProgress saved = distill_progress(file, run_.device);
    most = std::max(most, saved.state.iteration());
    if (most > options_.iterations) throw Error(file.origin + ": it is of a longer run");
    state_ = std::move(saved.state);
    good_ = std::move(saved.good);
    generator_ = saved.generator;
  };
  const bool resumed = checkpoints_.resume(take_over, observer);
  if (most > options_.iterations) {
    throw Error(
        fmt::format("{0}.iterations: {1}, but '{2}' has {3} already, which a shorter run would "
                    "overwrite; raise "
                    "it to {3}, or delete that file and the one before it to start over",
                    run_.name, options_.iterations, checkpoints_.path().string(), most));
  }
  if (!resumed) return;
  observer.info(fmt::format("{}: resumes at iteration {}", run_.name, state_.iteration()));
}

MetaGradient Distiller::begin_iteration(const Observer& observer) {
  const at::Generator before = generator_.clone();
  try {
    return iteration_.gradient(state_, generator_, observer);
  } catch (const Stopped&) {  // N steps may take long; the iteration will be done again
    generator_ = before;
    if (state_.iteration() > 0) save();
    throw;
  }
}

void Distiller::show(bool last, Observer& observer) const {
  if (run_.normalisation.mean.empty()) return;
  observer.images(run_.name + "/images", state_.iteration(), last,
                  [&] { return run_.normalisation.invert(state_.images); });
}

void Distiller::take_back(Observer& observer) {
  const double rate_scale = state_.rate_scale / 2;
  state_ = good_;
  state_.rate_scale = rate_scale;
  if (++failures_ == kMostFailures) {
    save();
    throw Error(
        fmt::format("{0}: the loss was not finite {1} times in a row after iteration {2}; lower "
                    "{0}.syn_lr, {0}.lr_images or {0}.lr_syn_lr; the last good state is in '{3}'",
                    run_.name, failures_, state_.iteration(), checkpoints_.path().string()));
  }
  observer.warn(
      fmt::format("{}: the loss or the update is not finite; back to iteration {}, with "
                  "rates scaled by {:g}",
                  run_.name, state_.iteration(), state_.rate_scale));
  if (!observer.stop_wanted()) return;
  save();
  throw Stopped();
}

}  // namespace

LearnedSet distill(const Distillation& distillation, const SyntheticSet& start,
                   Observer& observer) {
  DistillState state;
  state.images = start.images.to(distillation.device, torch::kFloat32);
  state.targets = start.targets.to(distillation.device, torch::kFloat32);
  state.syn_lr = start.syn_lr;
  Distiller distiller(distillation, state.targets);
  state = distiller.run(std::move(state), observer);
  return {{state.images, state.targets, state.syn_lr, start.normalisation, {}},
          std::move(state.outer_losses)};
}

}  // namespace mkdt
