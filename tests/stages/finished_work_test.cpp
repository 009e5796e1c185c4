// What of a finished run other options and inputs would replace, and that nothing is without a yes.
#include "mkdt/stages/finished_work.h"

#include <map>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "tests/stages/pipeline_fixture.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::PipelineTest;
using testing::StageObserver;
using Names = std::vector<std::string>;

// Every file of the run but the journal.
std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().filename() == "log.jsonl") continue;
    files[entry.path().string()] = file_checksum(entry.path());
  }
  return files;
}

class FinishedWorkTest : public PipelineTest {
 protected:
  static Names everything() {
    return {"evaluate.methods=random,krr-st,mtt-ssl,distilled", "mtt_ssl.experts=1",
            "mtt_ssl.iterations=2", "mtt_ssl.train_batch=32"};
  }

  // What would be lost with these options.
  FinishedWork lost(Names assignments, const Names& base = {}) const {
    assignments.insert(assignments.begin(), base.begin(), base.end());
    const auto options = config(assignments);
    Observer silent;
    mkdt::Run run(*options, folder_ / "run", silent);
    return work_to_lose(run, stages_for(*options, {"probe", "evaluate"}));
  }

  std::string refused(const Names& assignments) const {
    StageObserver observer;
    try {
      run_pipeline(*config(assignments), folder_ / "run", "", observer);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(FinishedWorkTest, IsNotTouchedWithoutAYes) {
  run();
  const auto before = contents(folder_ / "run");
  const std::string message = refused({"teacher.epochs=1"});
  for (const char* part :
       {"teacher: teacher.epochs changed from 2 to 1", "--set teacher.epochs=2", "--redo", "--out",
        "mkdt run ", "teacher, embed, experts, subset, distill"}) {
    EXPECT_NE(message.find(part), std::string::npos) << part << "\n" << message;
  }
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  EXPECT_EQ(contents(folder_ / "run"), before);
  EXPECT_EQ(run().done, testing::Strings());  // the old value
}

TEST_F(FinishedWorkTest, IsWhatDependsOnTheChange) {
  run(everything());
  const auto stages = [&](const Names& assignments) {
    return lost(assignments, everything()).stages;
  };
  EXPECT_EQ(stages({}), Names());
  EXPECT_EQ(stages({"teacher.epochs=1"}),
            (Names{"teacher", "embed", "experts", "subset", "distill", "krr-st"}));
  EXPECT_EQ(stages({"teacher.standardise=false"}),
            (Names{"embed", "experts", "subset", "distill", "krr-st"}));
  EXPECT_EQ(stages({"experts.lr=0.05"}), (Names{"experts", "distill"}));
  EXPECT_EQ(stages({"experts.count=1"}), (Names{"experts", "distill"}));
  EXPECT_EQ(stages({"subset.size=9"}), (Names{"subset", "distill", "krr-st", "mtt-ssl"}));
  EXPECT_EQ(stages({"distill.syn_steps=3"}), Names{"distill"});
  EXPECT_EQ(stages({"distill.iterations=3"}), Names{"distill"});
  EXPECT_EQ(stages({"krr_st.steps=7"}), Names{"krr-st"});
  EXPECT_EQ(stages({"mtt_ssl.iterations=1"}), Names{"mtt-ssl"});
  EXPECT_EQ(stages({"data.shapes_train=130"}).size(), 7U);
  EXPECT_EQ(stages({"runtime.seed=1"}).size(), 7U);
}

TEST_F(FinishedWorkTest, IsNotLostToWhatGoesOnFromIt) {
  run();
  for (const Names& assignments :
       {Names{"distill.iterations=6"}, Names{"pretrain.momentum=0.5"}, Names{"evaluate.seeds=1"},
        Names{"evaluate.methods=random,k-means,distilled"},
        Names{"evaluate.methods=krr-st,mtt-ssl"},
        Names{"distill.checkpoint_every=3", "teacher.embed_batch=7"}}) {
    EXPECT_EQ(lost(assignments).stages, Names()) << assignments.front();
  }
  StageObserver observer;
  EXPECT_NO_THROW(run_pipeline(*config({"distill.iterations=6", "pretrain.momentum=0.5"}),
                               folder_ / "run", "", observer));
  EXPECT_NE(observer.said.find("resumes at iteration 4"), std::string::npos) << observer.said;
}

TEST_F(FinishedWorkTest, GoesOnlyFromACheckpointThatIsThere) {
  run();
  for (const char* file : {"checkpoint.safetensors", "checkpoint.previous.safetensors"}) {
    fs::remove(folder_ / "run/distill" / file);
  }
  EXPECT_EQ(lost({"distill.iterations=6"}).stages, Names{"distill"});
}

TEST_F(FinishedWorkTest, IsNoneWhereNothingIsFinished) {
  run({}, "teacher");
  EXPECT_EQ(lost({"teacher.standardise=false"}).stages, Names());
  EXPECT_EQ(lost({"teacher.epochs=1"}).stages, Names{"teacher"});
  for (const char* stage : {"embed", "experts"}) run({}, stage);
  EXPECT_EQ(lost({"experts.count=3"}).stages, Names());
}

TEST_F(FinishedWorkTest, IsLostWhereWhatItCameFromIsNotThere) {
  run();
  fs::remove_all(folder_ / "run/teacher");
  EXPECT_EQ(lost({}).stages, (Names{"embed", "experts", "subset", "distill"}));
  EXPECT_NE(refused({}).find("its input 'teacher/teacher.safetensors' changed"), std::string::npos);
}

// Stops when the teacher is done.
class StopsAfterTeacher : public StageObserver {
 public:
  bool stop_wanted() const override { return done.count("teacher") != 0; }
};

TEST_F(FinishedWorkTest, IsAskedForOnceHoweverOftenTheRunIsInterrupted) {
  run();
  int questions = 0;
  const MayReplace yes = [&](const FinishedWork& lost) {
    ++questions;
    EXPECT_GT(lost.seconds, 0);
    return true;
  };
  const auto options = config({"teacher.epochs=1"});
  StopsAfterTeacher observer;
  EXPECT_THROW(run_pipeline(*options, folder_ / "run", "", observer, yes), Stopped);
  StageObserver again;
  EXPECT_NO_THROW(run_pipeline(*options, folder_ / "run", "", again, yes));
  EXPECT_EQ(questions, 1);
  EXPECT_EQ(again.done.count("teacher"), 0U);
  EXPECT_EQ(again.done.count("distill"), 1U);
  EXPECT_EQ(read_text(folder_ / "run" / kConfigFile), options->table.to_toml());
}

TEST_F(FinishedWorkTest, MayBeShortenedWithAYes) {
  run({"distill.iterations=6"});
  EXPECT_EQ(run({"distill.iterations=3"}).done.count("distill"), 1U);
  run({"distill.iterations=3"}, "", "other");
  EXPECT_EQ(bits("run"), bits("other"));
}

TEST_F(FinishedWorkTest, CutOffFilesAreNotDone) {
  run();
  for (const char* file : {"distill/distilled.safetensors", "evaluate/results.json"}) {
    const fs::path path = folder_ / "run" / file;
    const std::string whole = read_text(path);
    fs::resize_file(path, whole.size() - 1);
    const std::string message = refused({});
    EXPECT_NE(message.find(path.string() + ": damaged since"), std::string::npos) << message;
    write_text_atomically(path, whole);
  }
  EXPECT_EQ(refused({}), "");
}

// Manifests of versions before sizes were recorded.
TEST_F(FinishedWorkTest, CutOffFilesAreNotDoneInOldRunsEither) {
  run();
  const fs::path manifest_file = folder_ / "run/distill/manifest.json";
  Manifest old = read_manifest(manifest_file).value();
  old.sizes.clear();
  write_manifest(manifest_file, old);
  EXPECT_EQ(refused({}), "");
  const fs::path path = folder_ / "run/distill/distilled.safetensors";
  fs::resize_file(path, fs::file_size(path) - 1);
  EXPECT_NE(refused({}).find(path.string()), std::string::npos);
}

}  // namespace
}  // namespace mkdt
