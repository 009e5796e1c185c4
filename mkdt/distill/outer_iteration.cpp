#include "mkdt/distill/outer_iteration.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mkdt/data/batches.h"

namespace mkdt {
namespace {

double spread(const torch::Tensor& targets) {
  return targets.numel() > 1 ? targets.std().item<double>() : 1.0;
}

}  // namespace

OuterIteration::OuterIteration(const Distillation& distillation, const torch::Tensor& start_targets)
    : run_(distillation),
      options_(distillation.options),
      engine_(meta_gradient_engine(options_.engine)),
      network_(run_.network->with_operators(options_.operators())),
      rule_{options_.optimiser == "adam", options_.momentum},
      target_spread_(rule_.adam ? spread(start_targets) : 1.0) {}

MetaGradient OuterIteration::gradient(const DistillState& state, at::Generator& generator,
                                      const Observer& observer) const {
  // 1. Draw where a student starts and what it should become. Trajectory matching: an expert and
  //    an epoch t; the student starts at θ*_t and should reach θ*_{t+e}. Representation matching:
  //    a student that has taken some steps on the synthetic set, and real images.
  const OuterTask task = run_.draw_task(state, generator);

  // 2. Train the student for N steps on the synthetic set; J says how far from the expert it
  //    ends, relative to how far the expert went, or how badly it represents the real images.
  //    Differentiate J through all N steps.
  std::vector<torch::Tensor> batches = batches_on(
      run_.device, batches_for_steps(state.images.size(0), options_.batch, options_.syn_steps,
                                     generator, options_.last_batch()));
  InnerLoss loss = run_.draw_loss ? run_.draw_loss(batches, generator) : nullptr;
  const InnerProblem problem = {*network_,           task.theta_start,
                                state.images,        state.targets,
                                state.syn_lr,        std::move(batches),
                                std::move(loss),     options_.syn_momentum,
                                task.velocity_start, [&observer] { throw_if_stopped(observer); }};
  return engine_->solve(problem, task.objective);
}

void OuterIteration::update(DistillState& state, const MetaGradient& gradient) const {
  const auto rate = [&](double lr) { return lr * state.rate_scale; };
  if (options_.lr_images > 0) {
    state.images = state.images - outer_step(rule_, rate(options_.lr_images), gradient.images,
                                             state.images_moments);
  }
  if (options_.lr_targets > 0) {
    state.targets = state.targets - outer_step(rule_, rate(options_.lr_targets) * target_spread_,
                                               gradient.targets, state.targets_moments);
  }
  if (options_.lr_syn_lr > 0) update_syn_lr(state, gradient.lr);
}

// Adam moves log α, so that its rate means the same for every α; SGD moves α itself, as published.
// One step at most halves or doubles α, so it stays positive.
void OuterIteration::update_syn_lr(DistillState& state, double gradient) const {
  const double slope = rule_.adam ? gradient * state.syn_lr : gradient;
  const double change = outer_step(rule_, options_.lr_syn_lr * state.rate_scale,
                                   torch::tensor(slope, torch::kFloat64), state.syn_lr_moments)
                            .item<double>();
  const double moved = rule_.adam ? state.syn_lr * std::exp(-change) : state.syn_lr - change;
  state.syn_lr = std::clamp(moved, state.syn_lr / 2, state.syn_lr * 2);
}

}  // namespace mkdt
