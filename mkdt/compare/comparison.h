// Runs the comparison of methods × encoders × downstream sets × protocols × label budgets × seeds,
// and reports its progress.
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

// Reports the progress of a comparison in estimated seconds, so that the time that is left is right
// although the parts of the work differ.
class ComparisonProgress {
 public:
  // `total` and the costs of the parts are in estimated seconds.
  ComparisonProgress(Observer& observer, double total);

  void finish(double cost, const std::string& note);
  void end();

  // Returns an observer for a task inside the comparison that reports by itself: its progress
  // counts as a part of `cost`, which is not finished yet. It is valid until the next call.
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

// Chooses the recipe once for each method and encoder (searched with one seed that all share, or
// fixed); then, for each seed, pre-trains the encoder from the initialisation that all methods
// share, and judges it with label samples that all share. Test labels are read for accuracies only.
// Without a downstream set the rows hold representation losses alone.
//
// Cells that `store` has are not computed again, and every finding is stored at once: an
// interrupted comparison loses only the cell that it was computing. It runs on the device of the
// targets.
// A method whose pre-training or fine-tuning diverges is left out, with a warning, and reported by
// an Error after all others. Throws Error, naming the method, if a downstream set is unlabelled or
// given features do not fit their images.
std::vector<ComparisonRow> compare(const ComparisonInputs& inputs, const EvaluateOptions& options,
                                   const PretrainOptions& pretraining, uint64_t seed,
                                   ComparisonStore& store, Observer& observer);

// Returns the rows that `store` has of the plan, in the order of encoders (given features come
// last), candidates, seeds, data sets, protocols, budgets.
std::vector<ComparisonRow> finished_rows(std::vector<PlannedEncoding> plan,
                                         const ComparisonStore& store);

}  // namespace mkdt
