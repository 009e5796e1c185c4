// The comparison: methods × encoders × downstream sets × protocols × label budgets × seeds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mkdt/base/observer.h"
#include "mkdt/compare/comparison_inputs.h"
#include "mkdt/compare/comparison_plan.h"
#include "mkdt/compare/comparison_store.h"
#include "mkdt/compare/evaluate_options.h"
#include "mkdt/distill/recipe.h"

namespace mkdt {

// The progress of a comparison in estimated seconds, so that the time that is left is true although
// its parts differ.

class ComparisonProgress {
 public:
  // `total` and the costs of parts in estimated seconds.
  ComparisonProgress(Observer& observer, double total);

  void finish(double cost, const std::string& note);
  void end();

  // For a task inside the comparison that reports by itself: its progress counts as a part of
  // `cost`, which is not finished yet. Valid until the next call.
  Observer& part(double cost, const std::string& note);

 private:
  class Part : public Observer {
   public:
    explicit Part(ComparisonProgress& whole) : whole_(whole) {}
    void begin(const std::string& task, int64_t total, const std::string& unit) override;
    void advance(int64_t done, const std::string& note) override;
    bool stop_wanted() const override;
    void info(const std::string& message) override { whole_.observer_.info(message); }
    void warn(const std::string& message) override { whole_.observer_.warn(message); }

    double cost = 0;
    std::string title;

   private:
    ComparisonProgress& whole_;
    int64_t total_ = 1;
  };

  void show(double done, const std::string& note);

  Observer& observer_;
  double done_ = 0;
  Part part_;
};

// The comparison: methods × encoders × downstream sets × protocols × label budgets × seeds.

// For each method and encoder the recipe is chosen once (searched with one seed that all share, or
// fixed); then for each seed the encoder is pre-trained from the initialisation that all methods
// share, and judged with label samples that all share. Test labels are read for accuracies only.
// Without a downstream set the rows hold representation losses alone.
//
// Cells that `store` has are not done again, and what is found goes there at once: an interrupted
// comparison loses the cell that it was in. Runs on the device of the targets.
// A method whose pre-training or fine-tuning diverges is left out, with a warning, and reported by
// an Error after all others. Throws Error, naming the method, if a downstream set is unlabelled or
// given features do not fit their images.
std::vector<ComparisonRow> compare(const ComparisonInputs& inputs, const EvaluateOptions& options,
                                   const PretrainSection& pretraining, uint64_t seed,
                                   ComparisonStore& store, Observer& observer);

// The rows that there are so far, in the order of encoders (those whose features are given last),
// candidates, seeds, data sets, protocols, budgets.
std::vector<ComparisonRow> finished_rows(std::vector<PlannedEncoding> plan,
                                         const ComparisonStore& store);

}  // namespace mkdt
