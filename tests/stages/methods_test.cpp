#include "mkdt/compare/methods.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/distill/synthetic_set.h"
#include "mkdt/publish/dataset/set_provenance.h"
#include "mkdt/publish/results.h"
#include "mkdt/stages/comparison_data.h"
#include "mkdt/stages/comparison_methods.h"
#include "mkdt/stages/evaluate.h"
#include "mkdt/stages/stage.h"
#include "tests/stages/pipeline_fixture.h"

namespace mkdt::testing {
namespace {

namespace fs = std::filesystem;

void expect_kind(const Candidate& candidate, const MethodEntry& entry) {
  EXPECT_EQ(candidate.method, entry.name);
  EXPECT_FALSE(candidate.theta);
  const bool pretrains =
      entry.kind == MethodKind::kRegression || entry.kind == MethodKind::kSelfSupervised;
  ASSERT_EQ(candidate.pretraining.has_value(), pretrains) << entry.name;
  if (pretrains) {
    EXPECT_EQ(candidate.pretraining->regresses_targets, entry.kind == MethodKind::kRegression)
        << entry.name;
  }
  EXPECT_EQ(candidate.features.has_value(), entry.kind == MethodKind::kGivenFeatures) << entry.name;
}

// Every method of the table, in one run: before it, when stand-ins do for what is missing, and
// after it.
class EveryMethod : public PipelineTest {
 protected:
  std::unique_ptr<Config> all() const {
    return config({fmt::format("evaluate.methods={}", fmt::join(method_names(), ",")),
                   "evaluate.seeds=1", "evaluate.label_fractions=0.5", "krr_st.steps=3",
                   "mtt_ssl.iterations=1", "mtt_ssl.experts=1", "mtt_ssl.train_batch=32"});
  }
};

TEST_F(EveryMethod, HasAStageThatThereIs) {
  std::set<std::string> stages;
  for (const Stage& stage : stages_of(*all())) stages.insert(stage.name);
  for (const MethodEntry& entry : method_table()) {
    if (entry.set.stage.empty()) continue;
    EXPECT_EQ(stages.count(std::string(entry.set.stage)), 1U) << entry.name;
  }
}

TEST_F(EveryMethod, HasFileCandidateStandInAndRows) {
  const auto options = all();
  StageObserver observer;
  mkdt::Run before(*options, folder_ / "run", observer);
  StageNames unfinished;
  for (const Stage& stage : stages_of(*options)) unfinished.insert(stage.name);
  const ComparisonInputs expected = rehearsal(before, unfinished);
  run_comparison(*options, folder_ / "run", observer, testing::replace_it);

  mkdt::Run done(*options, folder_ / "run", observer);
  const auto sets = downstream_sets(done);
  const auto rows = read_results(folder_ / "run/evaluate/results.json");
  ASSERT_EQ(expected.candidates.size(), method_table().size());
  ASSERT_EQ(rows.size(), method_table().size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const MethodEntry& entry = method_table()[i];
    expect_kind(expected.candidates[i], entry);
    const Candidate candidate = comparison_method(done, entry.method, sets);
    expect_kind(candidate, entry);
    if (candidate.pretraining) {
      EXPECT_EQ(candidate.pretraining->set_size, expected.candidates[i].pretraining->set_size)
          << entry.name;
    }
    EXPECT_EQ(rows[i].method, entry.name);
    EXPECT_TRUE(rows[i].accuracy) << entry.name;
    EXPECT_EQ(rows[i].representation_loss.has_value(), entry.kind != MethodKind::kGivenFeatures)
        << entry.name;
    if (!entry.set.file.empty()) {
      EXPECT_TRUE(fs::exists(folder_ / "run" / entry.set.stage / entry.set.file)) << entry.name;
    }
  }
  for (const char* file : {"results.csv", "results.md", "results.tex", "curves.csv"}) {
    EXPECT_GT(fs::file_size(folder_ / "run" / "evaluate" / file), 100u) << file;
  }

  // A learned set is credited to the method that made it.
  for (const Method method : learned_sets()) {
    const MethodSet& set = entry_of(method).set;
    const SyntheticSet made = read_synthetic_set(folder_ / "run" / set.stage / set.file);
    EXPECT_EQ(set_method(made).name, set.credit.title) << name_of(method);
  }
}

}  // namespace
}  // namespace mkdt::testing
