#include "mkdt/eval/pretrain_options.h"

#include <algorithm>

namespace mkdt {
namespace {

constexpr double kRateWithoutLearnedOne = 0.1;  // the experts' learning rate

}  // namespace

void PretrainSection::declare(OptionSection& section) {
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

std::string PretrainSection::key_text() const {
  std::string text = options_text("pretrain", *this);
  const std::string off = "short_batches = false\n";
  const size_t place = text.find(off);
  if (place != std::string::npos) text.erase(place, off.size());
  return text;
}

Recipe PretrainSection::fixed(int64_t set_size, double syn_lr) const {
  Recipe chosen;
  chosen.lr = lr > 0 ? lr : syn_lr > 0 ? syn_lr : kRateWithoutLearnedOne;
  const int64_t steps_per_epoch = (set_size + batch - 1) / batch;
  chosen.steps = epochs > 0 ? epochs * std::max<int64_t>(steps_per_epoch, 1) : steps;
  return chosen;
}

PretrainOptions PretrainSection::training(const Recipe& chosen) const {
  return {batch, {chosen.lr, momentum, weight_decay}, short_batches};
}

}  // namespace mkdt
