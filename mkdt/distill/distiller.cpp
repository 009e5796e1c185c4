#include "mkdt/distill/distiller.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/base/observer.h"
#include "mkdt/base/random.h"
#include "mkdt/data/batches.h"
#include "mkdt/distill/meta_gradient.h"

namespace mkdt {
namespace {

constexpr int64_t kMostFailures = 8;  // in a row, before distillation gives up

class Distiller {
 public:
  Distiller(const Distillation& distillation, const torch::Tensor& start_targets)
      : run_(distillation),
        options_(distillation.options),
        engine_(meta_gradient_engine(options_.engine)),
        network_(run_.network->with_operators(options_.operators())),
        rule_{options_.optimiser == "adam", options_.momentum},
        target_spread_(rule_.adam ? spread(start_targets) : 1.0),
        checkpoints_(distillation.checkpoint),
        generator_(make_generator(distillation.seed, "distill")) {}

  DistillState run(DistillState start, Observer& observer);

 private:
  static double spread(const torch::Tensor& targets) {
    return targets.numel() > 1 ? targets.std().item<double>() : 1.0;
  }
  void resume(Observer& observer);
  MetaGradient begin_iteration(const Observer& observer);
  MetaGradient meta_gradient(const OuterTask& task, const Observer& observer);
  void update(const MetaGradient& gradient);
  void update_syn_lr(double gradient);
  void take_back(Observer& observer);
  void show(bool last, Observer& observer) const;
  void save() { checkpoints_.write(to_tensors({state_, good_, generator_})); }

  const Distillation& run_;
  const DistillOptions& options_;
  MetaGradientEngine engine_;
  NetworkPtr network_;
  OuterRule rule_;
  double target_spread_;  // Adam's rates are relative to it
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
    update(gradient);
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
    // 1. Draw where a student starts and what it should become. Trajectory matching: an expert and
    //    an epoch t; the student starts at θ*_t and should reach θ*_{t+e}. Representation matching:
    //    a student that has taken some steps on the synthetic set, and real images.
    const OuterTask task = run_.draw_task(state_, generator_);

    // 2. Train the student for N steps on the synthetic set; J says how far from the expert it
    //    ends, relative to how far the expert went, or how badly it represents the real images.
    //    Differentiate J through all N steps.
    return meta_gradient(task, observer);
  } catch (const Stopped&) {  // N steps may take long; the iteration will be done again
    generator_ = before;
    if (state_.iteration() > 0) save();
    throw;
  }
}

MetaGradient Distiller::meta_gradient(const OuterTask& task, const Observer& observer) {
  std::vector<torch::Tensor> batches = batches_on(
      run_.device, batches_for_steps(state_.images.size(0), options_.batch, options_.syn_steps,
                                     generator_, options_.last_batch()));
  InnerLoss loss = run_.draw_loss ? run_.draw_loss(batches, generator_) : nullptr;
  const InnerProblem problem = {*network_,           task.theta_start,
                                state_.images,       state_.targets,
                                state_.syn_lr,       std::move(batches),
                                std::move(loss),     options_.syn_momentum,
                                task.velocity_start, [&observer] { throw_if_stopped(observer); }};
  return engine_(problem, task.objective);
}

void Distiller::update(const MetaGradient& gradient) {
  const auto rate = [&](double lr) { return lr * state_.rate_scale; };
  if (options_.lr_images > 0) {
    state_.images = state_.images - outer_step(rule_, rate(options_.lr_images), gradient.images,
                                               state_.images_moments);
  }
  if (options_.lr_targets > 0) {
    state_.targets = state_.targets - outer_step(rule_, rate(options_.lr_targets) * target_spread_,
                                                 gradient.targets, state_.targets_moments);
  }
  if (options_.lr_syn_lr > 0) update_syn_lr(gradient.lr);
}

// Adam moves log α, so that its rate means the same for every α; SGD moves α itself, as published.
// One step at most halves or doubles α, so it stays positive.
void Distiller::update_syn_lr(double gradient) {
  const double slope = rule_.adam ? gradient * state_.syn_lr : gradient;
  const double change = outer_step(rule_, options_.lr_syn_lr * state_.rate_scale,
                                   torch::tensor(slope, torch::kFloat64), state_.syn_lr_moments)
                            .item<double>();
  const double moved = rule_.adam ? state_.syn_lr * std::exp(-change) : state_.syn_lr - change;
  state_.syn_lr = std::clamp(moved, state_.syn_lr / 2, state_.syn_lr * 2);
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

DistillState distill(const Distillation& distillation, const SyntheticSet& start,
                     Observer& observer) {
  DistillState state;
  state.images = start.images.to(distillation.device, torch::kFloat32);
  state.targets = start.targets.to(distillation.device, torch::kFloat32);
  state.syn_lr = start.syn_lr;
  Distiller distiller(distillation, state.targets);
  return distiller.run(std::move(state), observer);
}

}  // namespace mkdt
