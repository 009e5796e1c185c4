// The studies on a run of a second or two.
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/publish/results.h"
#include "mkdt/study/cost_study.h"
#include "mkdt/study/study_files.h"
#include "mkdt/study/sweep.h"
#include "mkdt/study/variance_study.h"
#include "tests/stages/pipeline_fixture.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::PipelineTest;
using testing::StageObserver;
using testing::Strings;

class StudiesTest : public PipelineTest {
 protected:
  fs::path out() const { return folder_ / "run"; }
  fs::path study(const std::string& name) const { return study_folder(out(), name); }
  LoadConfig load() const {
    return [this](const std::vector<std::string>& further) {
      std::vector<std::string> all = {"evaluate.methods=random,distilled", "evaluate.seeds=1"};
      all.insert(all.end(), further.begin(), further.end());
      return config(all);
    };
  }
};

TEST_F(StudiesTest, VarianceDoesTheStagesThatItNeeds) {
  const VarianceOptions options = {/*batches=*/{8, 32}, /*epochs=*/1, /*samples=*/4, /*seeds=*/2};
  StageObserver observer;
  const auto tables = variance_study(*config(), out(), options, observer);
  EXPECT_EQ(observer.done, (Strings{"teacher", "embed"}));
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_EQ(tables[0].rows.size(), 4U);
  EXPECT_EQ(tables[0].columns[2].header, "knowledge distillation");
  EXPECT_EQ(tables[0].columns[3].header, "Barlow Twins");
  for (const char* file : {"variance.md", "variance.json", "signal_to_noise.svg"}) {
    EXPECT_TRUE(fs::exists(study("variance") / file)) << file;
  }
  const auto json = nlohmann::json::parse(read_text(study("variance") / "variance.json"));
  EXPECT_EQ(json.at("gradients").size(), 2U * 2 * 2 * 2);
  for (const auto& point : json.at("gradients")) EXPECT_GT(point.at("noise").get<double>(), 0);
}

TEST_F(StudiesTest, SizesTakeOverWhatDoesNotDependOnThem) {
  run({}, "teacher");
  for (const char* stage : {"embed", "experts"}) run({}, stage);
  StageObserver observer;
  const auto tables = size_study(load(), {6, 10}, out(), observer);
  EXPECT_EQ(observer.done, (Strings{"subset", "distill", "evaluate"}));
  EXPECT_FALSE(tables.empty());
  const auto rows = read_results(study("size") / "results.json");
  EXPECT_EQ(rows.size(), 2U * 2 * 2);  // sizes, methods, label fractions
  EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [](const ComparisonRow& row) {
    return row.dataset == "shapes, 6 images";
  }));
  EXPECT_TRUE(fs::exists(study("size") / "representation_loss.svg"));
  StageObserver again;
  size_study(load(), {6, 10}, out(), again);
  EXPECT_EQ(again.done, Strings());
}

TEST_F(StudiesTest, TeachersAreTrainedBesideTheRun) {
  run({}, "teacher");
  StageObserver observer;
  teacher_study(load(), {"width=4", "width=5 epochs=1"}, out(), observer);
  const std::string text = read_text(study("teacher") / "results.md");
  EXPECT_NE(text.find("width=4: teacher: 32 dimensions"), std::string::npos) << text;
  EXPECT_NE(text.find("width=5 epochs=1: teacher: 40 dimensions"), std::string::npos) << text;
  // The first one is the run's own.
  EXPECT_NE(observer.said.find("teacher: already done"), std::string::npos);
  EXPECT_NE(observer.said.find("teacher: done in"), std::string::npos);
  EXPECT_FALSE(fs::exists(out() / "distill"));
}

TEST_F(StudiesTest, VariantsShareWhatTheyHaveInCommon) {
  StageObserver observer;
  const LoadConfig with_ssl = [&](const std::vector<std::string>& further) {
    std::vector<std::string> all = {"evaluate.methods=mtt-ssl,distilled", "mtt_ssl.experts=1",
                                    "mtt_ssl.iterations=2", "mtt_ssl.batch=8"};
    all.insert(all.end(), further.begin(), further.end());
    return load()(all);
  };
  // The run itself has done nothing: the second one has its teacher from the first.
  options_study(with_ssl, {"pretrain.max_steps=6", "pretrain.max_steps=7"}, out(), observer);
  const auto times = [&](const std::string& part) {
    int count = 0;
    for (size_t at = 0; (at = observer.said.find(part, at)) != std::string::npos; ++at) ++count;
    return count;
  };
  for (const char* stage : {"teacher", "embed", "experts", "subset", "mtt-ssl"}) {
    EXPECT_EQ(times(std::string(stage) + ": done in"), 1) << stage << "\n" << observer.said;
  }
  EXPECT_EQ(times("distill: done in"), 2);
}

// The run's checkpoint is of more iterations than the variant wants.
TEST_F(StudiesTest, AVariantMayBeShorterThanTheRun) {
  run();
  StageObserver observer;
  options_study(load(), {"distill.iterations=2"}, out(), observer);
  EXPECT_EQ(observer.done, (Strings{"distill", "evaluate"}));
}

TEST_F(StudiesTest, FinishedVariantsAreNotThrownAway) {
  StageObserver observer;
  options_study(load(), {"distill.syn_lr=0.1"}, out(), observer);
  const LoadConfig other = [&](std::vector<std::string> further) {
    further.emplace_back("distill.syn_steps=3");
    return load()(further);
  };
  EXPECT_THROW(options_study(other, {"distill.syn_lr=0.1"}, out(), observer), Error);
  StageObserver agreed;
  options_study(other, {"distill.syn_lr=0.1"}, out(), agreed, testing::replace_it);
  EXPECT_EQ(agreed.done, (Strings{"distill", "evaluate"}));
  // What the comparison only adds to is no loss.
  const LoadConfig more = [&](std::vector<std::string> further) {
    further.emplace_back("evaluate.seeds=2");
    return other(further);
  };
  StageObserver longer;
  options_study(more, {"distill.syn_lr=0.1"}, out(), longer);
  EXPECT_EQ(longer.done, Strings{"evaluate"});
}

TEST_F(StudiesTest, AnyOptionCanBeVaried) {
  StageObserver observer;
  const std::string often = "distill.iterations=6 distill.syn_steps=3";
  const std::string path = "data.root=" + std::string(200, 'x');  // too long for a folder's name
  options_study(load(), {often, path}, out(), observer);
  const auto rows = read_results(study("options") / "results.json");
  EXPECT_EQ(rows.size(), 2U * 2 * 2);  // settings, methods, label fractions
  EXPECT_EQ(rows.front().dataset, "shapes, " + often);
  EXPECT_TRUE(fs::exists(study("options") / "distill.iterations-6-distill.syn_steps-3"));
}

TEST_F(StudiesTest, WhatCannotBeVariedIsSaidBeforeTheWork) {
  StageObserver observer;
  EXPECT_THROW(size_study(load(), {}, out(), observer), Error);
  EXPECT_THROW(size_study(load(), {6, 6}, out(), observer), Error);
  EXPECT_THROW(teacher_study(load(), {"width"}, out(), observer), Error);
  EXPECT_THROW(teacher_study(load(), {"width=4", "wdith=5"}, out(), observer), Error);
  EXPECT_EQ(observer.done, Strings());
}

TEST_F(StudiesTest, CostsBeforeAndAfterTheRun) {
  StageObserver observer;
  const CostStudy before = cost_study(*config(), out(), {}, observer);
  run();
  const CostStudy after = cost_study(*config(), out(), {}, observer);
  ASSERT_EQ(before.once.size(), 5U);  // teacher, embed, experts, subset, distill
  ASSERT_EQ(after.once.size(), 5U);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_FALSE(before.once[i].measured);
    EXPECT_TRUE(after.once[i].measured);
    EXPECT_EQ(before.once[i].name, after.once[i].name);
    EXPECT_GT(after.once[i].flops, 0) << after.once[i].name;
  }
  EXPECT_EQ(before.once[2].flops, after.once[2].flops);  // the experts
  EXPECT_GT(after.self_supervised.flops, 0);
  const CostStudy longer = cost_study(*config(), out(), {/*ssl_epochs=*/4}, observer);
  EXPECT_NEAR(longer.self_supervised.flops, 2 * after.self_supervised.flops,
              1e-6 * longer.self_supervised.flops);  // the teacher has 2
  EXPECT_EQ(cost_tables(after).size(), 3U);
  EXPECT_TRUE(fs::exists(study("cost") / "cost.md"));
}

TEST(EncodersToPay, IsTheSmallestNumberThatSaves) {
  EXPECT_EQ(encoders_to_pay(100, 1, 11), 11);  // ten would cost the same
  EXPECT_EQ(encoders_to_pay(95, 1, 11), 10);
  EXPECT_EQ(encoders_to_pay(1, 0, 10), 1);
  EXPECT_EQ(encoders_to_pay(1, 10, 10), 0);
}

}  // namespace
}  // namespace mkdt
