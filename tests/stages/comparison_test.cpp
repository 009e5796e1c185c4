#include <fstream>
#include <utility>

#include "mkdt/data/image_file.h"
#include "mkdt/nn/flop_counter.h"
#include "mkdt/stages/comparison_data.h"
#include "mkdt/stages/comparison_methods.h"
#include "tests/stages/pipeline_fixture.h"

namespace mkdt::testing {
namespace {

namespace fs = std::filesystem;

// Interrupts the comparison after so many reports of its progress.
class Interrupter : public StageObserver {
 public:
  explicit Interrupter(int64_t reports) : left_(reports) {}
  void begin(const std::string& task, int64_t, const std::string&) override {
    inside_ = task == "comparison";
  }
  void advance(int64_t, const std::string&) override {
    if (inside_ && --left_ == 0) throw std::runtime_error("interrupted");
  }

 private:
  bool inside_ = false;
  int64_t left_;
};

class ComparisonPipeline : public PipelineTest {
 protected:
  void compare(const std::vector<std::string>& assignments, Observer& observer,
               const std::string& out = "run") const {
    run_comparison(*config(assignments), folder_ / out, observer, testing::replace_it);
  }
  StageObserver compare(const std::vector<std::string>& assignments = {},
                        const std::string& out = "run") const {
    StageObserver observer;
    compare(assignments, observer, out);
    return observer;
  }
  std::string results(const std::string& out = "run") const {
    return read_text(folder_ / out / "evaluate" / "results.json");
  }
  std::string error(const std::vector<std::string>& assignments) const {
    try {
      compare(assignments);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(ComparisonPipeline, DoesTheStagesThatTheMethodsNeed) {
  EXPECT_EQ(compare({"evaluate.methods=none,full"}).done,
            Strings({"teacher", "embed", "evaluate"}));
  EXPECT_EQ(compare({"evaluate.methods=none,random"}).done, Strings({"subset", "evaluate"}));
  EXPECT_EQ(compare({"evaluate.methods=none,random"}).done, Strings());
  EXPECT_EQ(compare({"evaluate.methods=none,high-loss"}).done,
            Strings({"experts", "subset", "evaluate"}));
}

TEST_F(ComparisonPipeline, FeaturesOfAFurtherSetAreComputedOnceForAllSeeds) {
  compare({"evaluate.methods=none,teacher"});
  const auto options = config();
  Observer silent;
  mkdt::Run run(*options, folder_ / "run", silent);
  std::vector<DownstreamSet> sets = downstream_sets(run);
  sets.push_back(sets.front());
  const Candidate teacher = comparison_method(run, Method::kTeacher, sets);
  const auto features = [&] {
    const FlopCounter counter;
    const torch::Tensor train = (*teacher.features)[1]().train;
    return std::make_pair(train, counter.flops());
  };
  const auto [first, work] = features();
  const auto [second, again] = features();
  EXPECT_EQ(first.size(0), sets.front().train.size());
  EXPECT_TRUE(torch::equal(first, second));
  EXPECT_GT(work, 0);
  EXPECT_EQ(again, 0);
}

TEST_F(ComparisonPipeline, GoesOnWhereItWasInterruptedToTheSameBits) {
  const std::vector<std::string> options = {"evaluate.methods=none,random,distilled",
                                            "evaluate.encoders=student,convnet width=4 depth=1"};
  compare(options);
  fs::copy(folder_ / "run", folder_ / "again", fs::copy_options::recursive);
  fs::remove_all(folder_ / "again" / "evaluate");
  int64_t interruptions = 0;
  for (bool finished = false; !finished;) {
    Interrupter observer(9);
    try {
      compare(options, observer, "again");
      finished = true;
    } catch (const std::runtime_error&) {
      ASSERT_LT(++interruptions, 100);
    }
  }
  EXPECT_GT(interruptions, 3);
  EXPECT_EQ(results("again"), results());
  for (const auto& entry : fs::directory_iterator(folder_ / "again" / "evaluate")) {
    EXPECT_EQ(entry.path().string().find("checkpoint-encoder"), std::string::npos) << entry.path();
  }
}

TEST_F(ComparisonPipeline, AnErrorInTheComparisonComesBeforeTheFirstStage) {
  const auto nothing_done = [&] { return !fs::exists(folder_ / "run" / "teacher"); };
  const std::string missing = (folder_ / "nowhere").string();
  EXPECT_EQ(error({"evaluate.datasets=" + missing}),
            "evaluate.datasets: no such folder: '" + missing + "'");
  EXPECT_TRUE(nothing_done());
  fs::create_directories(folder_ / "empty");
  EXPECT_NE(error({"evaluate.datasets=" + (folder_ / "empty").string()}), "");
  EXPECT_TRUE(nothing_done());
  EXPECT_EQ(error({"evaluate.encoders=student,resnet11"})
                .rfind("evaluate.encoders: network 'resnet11'", 0),
            0u);
  EXPECT_TRUE(nothing_done());
  EXPECT_NE(error({"evaluate.encoders=student,convnet depth=9"}), "");
  EXPECT_TRUE(nothing_done());
}

TEST_F(ComparisonPipeline, WhatSelfSupervisionDependsOnRedoesIt) {
  const auto done = [&](const std::string& assignment) {
    return compare({"evaluate.methods=none,ssl", "evaluate.seeds=1", "mtt_ssl.train_lr=0.1",
                    assignment})
        .done;
  };
  done("evaluate.probe_l2=0.001");
  const std::string before = results();
  EXPECT_EQ(done("mtt_ssl.lambda=0.1"), Strings({"evaluate"}));
  EXPECT_NE(results(), before);
  EXPECT_EQ(done("mtt_ssl.iterations=7"), Strings({"evaluate"}));  // lambda is the default again
  EXPECT_EQ(results(), before);
}

// Two folders of that name, or one twice, or an encoder under two names.
TEST_F(ComparisonPipeline, NamesInTablesAreDistinct) {
  for (const char* parent : {"a", "b"}) {
    for (const char* name : {"0/1", "0/2", "1/1", "1/2"}) {
      fs::create_directories((folder_ / parent / "images" / name).parent_path());
      write_png(folder_ / parent / "images" / (std::string(name) + ".png"),
                torch::zeros({3, 16, 16}, torch::kUInt8));
    }
  }
  const std::string a = (folder_ / "a" / "images").string();
  const std::string b = (folder_ / "b" / "images").string();
  EXPECT_NE(error({"evaluate.datasets=" + a + "," + b}).find("two data sets are called 'images'"),
            std::string::npos);
  EXPECT_NE(error({"evaluate.datasets=" + a + "," + a + "/"}).find("'images'"), std::string::npos);
  EXPECT_EQ(error({"evaluate.encoders=student,convnet width=4 depth=2"}),
            "evaluate.encoders: 'convnet width=4 depth=2' is convnet 4×2 again");
  EXPECT_NE(error({"evaluate.label_fractions=0.1,0.1"}).find("10%"), std::string::npos);
}

TEST_F(ComparisonPipeline, TheOutlookNamesStagesAndCells) {
  const auto outlook = [&] {
    Observer silent;
    return comparison_outlook(*config({"evaluate.methods=none,random,teacher"}), folder_ / "run",
                              silent);
  };
  const ComparisonOutlook before = outlook();
  EXPECT_EQ(before.stages, (std::vector<std::string>{"teacher", "embed", "subset"}));
  ASSERT_EQ(before.work.size(), 3u);
  for (const PlannedWork& work : before.work) EXPECT_EQ(work.cells, 4);  // 2 fractions × 2 seeds
  EXPECT_GT(total_seconds(before.work), 0);
  EXPECT_FALSE(fs::exists(folder_ / "run")) << "nothing is written";

  compare({"evaluate.methods=none,random,teacher"});
  const ComparisonOutlook after = outlook();
  EXPECT_TRUE(after.stages.empty());
  EXPECT_EQ(total_seconds(after.work), 0);
}

TEST_F(ComparisonPipeline, ADamagedCheckpointIsSaidAndTheResultsAreTheSame) {
  compare({"evaluate.methods=none,random"});
  const std::string before = results();
  const fs::path folder = folder_ / "run" / "evaluate";
  for (const std::string name : {"rows", "recipes", "curves"}) {
    write_text_atomically(folder / ("checkpoint-" + name + ".json"), "{\"a\": 1}");
    fs::remove(folder / "manifest.json");
    const std::string said = compare({"evaluate.methods=none,random"}).said;
    EXPECT_NE(said.find("checkpoint-" + name + ".json: damaged"), std::string::npos) << said;
    EXPECT_EQ(results(), before) << name;
  }
}

}  // namespace
}  // namespace mkdt::testing
