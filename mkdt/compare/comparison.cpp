#include "mkdt/compare/comparison.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/memory.h"
#include "mkdt/base/observer.h"
#include "mkdt/compare/comparison_cost.h"
#include "mkdt/compare/comparison_plan.h"
#include "mkdt/compare/downstream_judge.h"
#include "mkdt/distill/recipe.h"

namespace mkdt {

ComparisonProgress::ComparisonProgress(Observer& observer, double total)
    : observer_(observer), part_(*this) {
  observer_.begin("comparison", std::max<int64_t>(1, std::llround(std::ceil(total))),
                  "estimated seconds");
}

void ComparisonProgress::finish(double cost, const std::string& note) {
  done_ += cost;
  show(done_, note);
}

void ComparisonProgress::end() { observer_.end(); }

Observer& ComparisonProgress::part(double cost, const std::string& note) {
  part_.cost = cost;
  part_.title = note;
  return part_;
}

bool ComparisonProgress::Part::stop_wanted() const { return whole_.observer_.stop_wanted(); }

void ComparisonProgress::show(double done, const std::string& note) {
  observer_.advance(std::llround(done), note);
}

void ComparisonProgress::Part::begin(const std::string& /*task*/, int64_t total,
                                     const std::string& /*unit*/) {
  total_ = std::max<int64_t>(total, 1);
}

void ComparisonProgress::Part::advance(int64_t done, const std::string& note) {
  const double part = static_cast<double>(done) / static_cast<double>(total_);
  whole_.show(whole_.done_ + part * cost, note.empty() ? title : title + ", " + note);
}

namespace {

void check_rows(const torch::Tensor& features, const ImageSet& images) {
  if (features.size(0) == images.size()) return;
  throw Error(fmt::format("expected features of the {} images of {}, got {}", images.size(),
                          images.name, features.size(0)));
}

class Comparison {
 public:
  Comparison(const ComparisonInputs& inputs, const EvaluateOptions& options,
             const PretrainOptions& pretraining, uint64_t seed, ComparisonStore& store,
             Observer& observer)
      : inputs_(inputs),
        options_(options),
        pretraining_(pretraining),
        seed_(seed),
        store_(store),
        observer_(observer),
        cost_(inputs, options, pretraining),
        plan_(plan_comparison(inputs, options, pretraining, seed)),
        progress_(observer, total_seconds(planned_work(plan_, inputs, store, cost_))) {}

  void run() {
    std::string first_error;
    for (const PlannedEncoding& encoding : plan_) {
      try {
        judge(encoding);
      } catch (const DivergedError& error) {
        const std::string text = fmt::format(
            "method {}: {}", inputs_.candidates[encoding.candidate].method, error.what());
        observer_.warn(text + "; the others go on");
        if (first_error.empty()) first_error = text;
      } catch (const Error& error) {
        throw Error(fmt::format("method {}: {}", inputs_.candidates[encoding.candidate].method,
                                error.what()));
      }
      give_back_memory();  // since batches of the next one may have another size
    }
    progress_.end();
    if (!first_error.empty()) throw Error(first_error);
  }

  const std::vector<PlannedEncoding>& plan() const { return plan_; }

 private:
  // Finds the recipe, then the encoder, then its cells.
  void judge(const PlannedEncoding& encoding) {
    if (finished(encoding, store_)) {
      store_.drop_encoder(encoding.key);  // in case a run was interrupted just before this
      return;
    }
    ComparisonRow row;
    row.method = inputs_.candidates[encoding.candidate].method;
    row.encoder = encoder_name(encoding, inputs_);
    row.seed = encoding.seed;
    torch::Tensor theta;
    if (encoding.encoder) {
      const auto& pretraining = inputs_.candidates[encoding.candidate].pretraining;
      row.fitted_head = pretraining && !pretraining->regresses_targets;
      if (pretraining) row.recipe = recipe(encoding);
      const TrainedEncoder trained = encoder(encoding, row);
      row.representation_loss = trained.representation_loss;
      theta = trained.theta;
    }
    fill_cells(encoding, theta, row);
    store_.drop_encoder(encoding.key);
    store_.show(finished_rows(plan_, store_));
  }

  Recipe recipe(const PlannedEncoding& encoding) {
    if (const Recipe* known = store_.recipe(encoding.recipe_key)) return *known;
    const double cost = cost_.recipe(encoding);
    const std::string who = describe(encoding, inputs_);
    const Pretraining& pretraining = *inputs_.candidates[encoding.candidate].pretraining;
    const Recipe chosen = choose_recipe(inputs_.encoders[*encoding.encoder].network, pretraining,
                                        held_out_loss(encoding, inputs_.validation), pretraining_,
                                        seed_, progress_.part(cost, who));
    observer_.info(fmt::format("{}: {}", who, chosen.text()));
    store_.add_recipe(encoding.recipe_key, chosen);
    progress_.finish(cost, who);
    return chosen;
  }

  TrainedEncoder encoder(const PlannedEncoding& encoding, const ComparisonRow& row) {
    const torch::Device device = inputs_.test.targets.device();
    if (trained(encoding, store_)) {
      const TrainedEncoder kept = *store_.encoder(encoding.key);
      return {kept.theta.to(device), kept.representation_loss};
    }
    const Network& network = *inputs_.encoders[*encoding.encoder].network;
    const Candidate& candidate = inputs_.candidates[encoding.candidate];
    const std::string who = describe(encoding, inputs_);
    const double cost = cost_.encoder(encoding, row.recipe ? &*row.recipe : nullptr);
    TrainedEncoder trained;
    if (candidate.theta) {
      trained.theta = *candidate.theta;
    } else if (row.recipe) {
      trained.theta = pretrained(encoding, row, progress_.part(cost, who));
    } else {
      trained.theta = initial_encoder(network, encoding.stream, device);
    }
    trained.representation_loss = held_out_loss(encoding, inputs_.test)(network, trained.theta);
    if (!std::isfinite(trained.representation_loss)) {
      throw DivergedError(
          fmt::format("{}: the representation loss after pre-training is not finite", who));
    }
    store_.keep_encoder(encoding.key, trained);
    progress_.finish(cost, who);
    return trained;
  }

  torch::Tensor pretrained(const PlannedEncoding& encoding, const ComparisonRow& row,
                           Observer& part) {
    const NetworkPtr& network = inputs_.encoders[*encoding.encoder].network;
    const int64_t points = encoding.curve_key.empty() ? 0 : options_.curve_points;
    PretrainingCurve curve(inputs_, *network, held_out_loss(encoding, inputs_.test), options_, row,
                           encoding.stream, points, observer_);
    part.begin("pre-training", row.recipe->steps, "steps");
    torch::Tensor theta = inputs_.candidates[encoding.candidate].pretraining->train(
        network, row.recipe->steps, pretraining_.training(*row.recipe), encoding.stream,
        [&](int64_t step, const torch::Tensor& now) {
          curve.after_step(step, now);
          part.advance(step, "");
          if (step < row.recipe->steps) throw_if_stopped(part);
        });
    if (points > 0) {
      store_.add_curve(encoding.curve_key, curve.points());
      report_metrics(curve.points(), observer_);
    }
    return theta;
  }

  void fill_cells(const PlannedEncoding& encoding, const torch::Tensor& theta, ComparisonRow row) {
    std::optional<DownstreamJudge> judge;
    std::optional<size_t> judged;
    for (size_t i = 0; i < encoding.cells.size(); ++i) {
      const PlannedCell& cell = encoding.cells[i];
      if (store_.row(cell.key) != nullptr) continue;
      row.key = cell.key;
      row.protocol = cell.protocol;
      row.dataset = inputs_.dataset;
      if (cell.downstream) {
        if (judged != cell.downstream) make_judge(encoding, *cell.downstream, theta, judge);
        judged = cell.downstream;
        fill(row, cell, judge->judge(cell.protocol, *cell.labels));
      }
      store_.add(row);
      progress_.finish(cost_.cell(encoding, i), describe(encoding, inputs_) + ", " + row.dataset);
      throw_if_stopped(observer_);
    }
  }

  void fill(ComparisonRow& row, const PlannedCell& cell, const Verdict& verdict) const {
    row.dataset = inputs_.downstream[*cell.downstream].name;
    row.labels = cell.labels;
    row.accuracy = verdict.accuracies.top1;
    row.top5_accuracy = verdict.accuracies.top5;
    row.balanced_accuracy = verdict.accuracies.balanced;
    row.l2 = verdict.l2;
  }

  void make_judge(const PlannedEncoding& encoding, size_t downstream, const torch::Tensor& theta,
                  std::optional<DownstreamJudge>& judge) const {
    const DownstreamSet& set = inputs_.downstream[downstream];
    if (encoding.encoder) {
      judge.emplace(set, *inputs_.encoders[*encoding.encoder].network, theta, options_,
                    encoding.stream, observer_);
      return;
    }
    const Candidate& candidate = inputs_.candidates[encoding.candidate];
    const SplitFeatures given = (*candidate.features)[downstream]();
    check_rows(given.train, set.train);
    check_rows(given.test, set.test);
    judge.emplace(
        set,
        [&set, given](const ImageSet& split, const torch::Tensor& rows) {
          const torch::Tensor& values = &split == &set.train  ? given.train
                                        : &split == &set.test ? given.test
                                                              : given.validation;
          return values.index_select(0, rows.to(values.device()));
        },
        options_, encoding.stream, observer_);
  }

  HeldOutLoss held_out_loss(const PlannedEncoding& encoding, const RegressionSet& images) const {
    const auto& pretraining = inputs_.candidates[encoding.candidate].pretraining;
    const bool fits_head = pretraining && !pretraining->regresses_targets;
    return fits_head ? loss_of_fitted_head(inputs_.training, images) : loss_on(images);
  }

  const ComparisonInputs& inputs_;
  const EvaluateOptions& options_;
  const PretrainOptions& pretraining_;
  uint64_t seed_;
  ComparisonStore& store_;
  Observer& observer_;
  ComparisonCost cost_;
  std::vector<PlannedEncoding> plan_;
  ComparisonProgress progress_;
};

void check(const ComparisonInputs& inputs, const EvaluateOptions& options) {
  for (const DownstreamSet& set : inputs.downstream) {
    const bool chooses = options.probe_l2_choices.size() > 1;
    if (set.train.labelled() && set.test.labelled() && (!chooses || set.validation.labelled())) {
      continue;
    }
    throw Error(fmt::format("{}: expected labels for a downstream data set, got none", set.name));
  }
  for (const Candidate& candidate : inputs.candidates) {
    if (!candidate.features) continue;
    if (candidate.features->size() == inputs.downstream.size()) continue;
    throw Error(fmt::format("method {}: expected features of {} data sets, got {}",
                            candidate.method, inputs.downstream.size(),
                            candidate.features->size()));
  }
}

}  // namespace

std::vector<ComparisonRow> compare(const ComparisonInputs& inputs, const EvaluateOptions& options,
                                   const PretrainOptions& pretraining, uint64_t seed,
                                   ComparisonStore& store, Observer& observer) {
  options.check();
  check(inputs, options);
  Comparison comparison(inputs, options, pretraining, seed, store, observer);
  comparison.run();
  return finished_rows(comparison.plan(), store);
}

std::vector<ComparisonRow> finished_rows(std::vector<PlannedEncoding> plan,
                                         const ComparisonStore& store) {
  const auto place = [](const PlannedEncoding& encoding) {
    return std::make_tuple(!encoding.encoder, encoding.encoder.value_or(0), encoding.candidate);
  };
  std::stable_sort(plan.begin(), plan.end(),
                   [&](const auto& a, const auto& b) { return place(a) < place(b); });
  std::vector<ComparisonRow> rows;
  for (const PlannedEncoding& encoding : plan) {
    for (const PlannedCell& cell : encoding.cells) {
      if (const ComparisonRow* row = store.row(cell.key)) rows.push_back(*row);
    }
  }
  return rows;
}

}  // namespace mkdt
