#include "mkdt/distill/recipe.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/observer.h"
#include "mkdt/base/random.h"

namespace mkdt {
namespace {

// Returns the best step of one training run at `options.sgd.lr`. Throws DivergedError if the run
// diverges.
Recipe try_rate(const NetworkPtr& network, const Pretraining& pretraining,
                const HeldOutLoss& held_out, const RecipeSearch& search,
                const TrainingOptions& options, uint64_t seed,
                const std::function<void(int64_t, double)>& report, const Observer& observer) {
  const std::set<int64_t> evaluated = spaced_steps(search.max_steps, search.evaluations);
  Recipe best{options.sgd.lr, 0, std::numeric_limits<double>::infinity()};
  const auto after_step = [&](int64_t step, const torch::Tensor& theta) {
    throw_if_stopped(observer);
    if (evaluated.count(step) == 0) return;
    const double loss = held_out(*network, theta);
    if (!std::isfinite(loss)) {
      throw DivergedError(fmt::format("the validation loss is not finite at step {}", step));
    }
    if (loss < best.validation_loss) best = {options.sgd.lr, step, loss};
    report(step, loss);
  };
  pretraining.train(network, search.max_steps, options, seed, after_step);
  return best;
}

}  // namespace

std::set<int64_t> spaced_steps(int64_t last, int64_t count) {
  std::set<int64_t> steps;
  const int64_t points = std::min(count, last);
  for (int64_t k = 1; k <= points; ++k) steps.insert(last * k / points);
  return steps;
}

std::string edge_of(const RecipeSearch& search, const Recipe& recipe) {
  const std::set<double> rates(search.lrs.begin(), search.lrs.end());
  const std::set<int64_t> steps = spaced_steps(search.max_steps, search.evaluations);
  if (rates.count(recipe.lr) == 0 || steps.count(recipe.steps) == 0) return "";
  std::vector<std::string> sides;
  if (rates.size() > 1 && recipe.lr == *rates.begin()) sides.emplace_back("lowest rate");
  if (rates.size() > 1 && recipe.lr == *rates.rbegin()) sides.emplace_back("highest rate");
  if (steps.size() > 1 && recipe.steps == *steps.begin()) sides.emplace_back("fewest steps");
  if (steps.size() > 1 && recipe.steps == *steps.rbegin()) sides.emplace_back("most steps");
  return fmt::format("{}", fmt::join(sides, ", "));
}

std::string recipe_text(double lr, int64_t steps) {
  return fmt::format("lr {:.4g}, {} steps", lr, steps);
}

std::string Recipe::text() const { return recipe_text(lr, steps); }

Recipe search_recipe(const NetworkPtr& network, const Pretraining& pretraining,
                     const HeldOutLoss& held_out, const RecipeSearch& search,
                     const TrainingOptions& options, uint64_t seed, Observer& observer) {
  if (search.lrs.empty())
    throw Error("pretrain.lrs: expected at least one learning rate, got none");
  if (search.max_steps < 1 || search.evaluations < 1) {
    throw Error(
        fmt::format("pretrain.max_steps and pretrain.evaluations: expected at least 1, "
                    "got {} and {}",
                    search.max_steps, search.evaluations));
  }
  const auto rates = static_cast<int64_t>(search.lrs.size());
  std::optional<Recipe> best;
  observer.begin("recipe search", rates * search.max_steps, "steps");
  for (int64_t trial = 0; trial < rates; ++trial) {
    TrainingOptions with_rate = options;
    with_rate.sgd.lr = search.lrs[static_cast<size_t>(trial)];
    const auto report = [&](int64_t step, double loss) {
      observer.advance(trial * search.max_steps + step,
                       fmt::format("lr {:.4g}: validation loss {:.4f}", with_rate.sgd.lr, loss));
    };
    try {
      const Recipe found =
          try_rate(network, pretraining, held_out, search, with_rate, seed, report, observer);
      if (!best || found.validation_loss < best->validation_loss) best = found;
    } catch (const DivergedError& error) {
      observer.info(fmt::format("lr {:.4g} is dropped: {}", with_rate.sgd.lr, error.what()));
    }
  }
  observer.end();
  if (!best) {
    throw DivergedError(
        fmt::format("pretrain.lrs: every rate diverges, the lowest is {:.4g}; expected lower ones",
                    *std::min_element(search.lrs.begin(), search.lrs.end())));
  }
  return *best;
}

namespace {

constexpr double kRateWithoutLearnedOne = 0.1;  // the experts' learning rate

}  // namespace

void PretrainOptions::declare(OptionSection& section) {
  section.add("recipe", recipe, {"search", "fixed"},
              "Choose learning rate and steps for each set on the validation images, or use lr "
              "with steps or epochs for all.");
  section.add("lrs", lrs, 1e-8, 1e3, "Learning rates that a search tries.");
  section.add("max_steps", max_steps, 1, 1e9, "Length in steps of each trial of a search.");
  section.add("evaluations", evaluations, 1, 1e6,
              "Equally spaced points of a trial at which a search looks whether to stop there.");
  section.add("lr", lr, 0, 1e3,
              "Learning rate of the fixed recipe; 0 takes the learned rate of a distilled set, "
              "and 0.1 for sets without one.");
  section.add("steps", steps, 1, 1e9, "Steps of the fixed recipe, unless epochs is set.");
  section.add("epochs", epochs, 0, 1e6,
              "Epochs of the fixed recipe; 0 takes steps, the published protocol has 20.");
  section.add("batch", batch, 1, 1e6, "Images in a batch.");
  section.add("momentum", momentum, 0, 0.9999, "Momentum of the SGD.");
  section.add("weight_decay", weight_decay, 0, 1, "Weight decay of the SGD.");
  section.add("short_batches", short_batches,
              "Let the images of a pass that would not fill a batch make a smaller one, as in the "
              "published protocol; otherwise they are left out of that pass. Self-supervised "
              "pre-training always leaves them out.");
}

std::string PretrainOptions::key_text() const {
  std::string text = options_text("pretrain", *this);
  const std::string off = "short_batches = false\n";
  const size_t place = text.find(off);
  if (place != std::string::npos) text.erase(place, off.size());
  return text;
}

Recipe PretrainOptions::fixed(int64_t set_size, double syn_lr) const {
  Recipe chosen;
  chosen.lr = lr > 0 ? lr : syn_lr > 0 ? syn_lr : kRateWithoutLearnedOne;
  const int64_t steps_per_epoch = (set_size + batch - 1) / batch;
  chosen.steps = epochs > 0 ? epochs * std::max<int64_t>(steps_per_epoch, 1) : steps;
  return chosen;
}

TrainingOptions PretrainOptions::training(const Recipe& chosen) const {
  return {batch, {chosen.lr, momentum, weight_decay}, short_batches};
}

SetRecipe PretrainOptions::carried(const Recipe& chosen) const {
  SetRecipe all = {training(chosen), chosen.steps, std::nullopt};
  if (searches()) all.validation_loss = chosen.validation_loss;
  return all;
}

Recipe choose_recipe(const NetworkPtr& network, const Pretraining& pretraining,
                     const HeldOutLoss& held_out, const PretrainOptions& section, uint64_t seed,
                     Observer& observer) {
  if (!section.searches()) return section.fixed(pretraining.set_size, pretraining.syn_lr);
  return search_recipe(network, pretraining, held_out, section.search(), section.training({}),
                       derive_seed(seed, "eval/search"), observer);
}

}  // namespace mkdt
