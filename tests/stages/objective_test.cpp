// The two objectives of distillation as options of a run, and one after the other.
#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/distill/synthetic_set.h"
#include "tests/stages/pipeline_fixture.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::PipelineTest;
using testing::StageObserver;
using testing::Strings;

class ObjectiveTest : public PipelineTest {
 protected:
  static std::vector<std::string> representation(std::vector<std::string> further = {}) {
    further.insert(further.begin(),
                   {"distill.objective=representation", "distill.max_free_steps=3",
                    "distill.real_batch=16", "evaluate.methods=none,random,distilled"});
    return further;
  }
  fs::path set(const std::string& out) const {
    return folder_ / out / "distill" / "distilled.safetensors";
  }
  std::string refusal(const std::vector<std::string>& assignments, const std::string& out) const {
    try {
      run(assignments, "", out);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(ObjectiveTest, RepresentationMatchingNeedsNoExperts) {
  const StageObserver observer = run(representation());
  EXPECT_EQ(observer.done,
            (Strings{"teacher", "embed", "subset", "distill", "pretrain", "probe", "evaluate"}));
  EXPECT_FALSE(fs::exists(folder_ / "run" / "experts"));
  EXPECT_FALSE(fs::exists(folder_ / "run" / "subset" / "high-loss.safetensors"));
  const SyntheticSet made = read_synthetic_set(set("run"));
  EXPECT_EQ(made.provenance.at("objective"), "representation");
  EXPECT_EQ(made.provenance.at("start"), "random");
  EXPECT_EQ(run(representation()).done, Strings());
}

TEST_F(ObjectiveTest, TheHighLossSubsetStillTakesExperts) {
  EXPECT_EQ(run(representation({"evaluate.methods=high-loss"}), "", "a").done.count("experts"), 1U);
  EXPECT_EQ(run(representation({"subset.start=high-loss"}), "", "b").done.count("experts"), 1U);
}

TEST_F(ObjectiveTest, ASubsetThatIsNotReadChangesNothing) {
  run(representation());
  const StageObserver more = run(representation({"evaluate.methods=random,high-loss,distilled"}));
  EXPECT_EQ(more.done.count("subset"), 1U);
  EXPECT_EQ(more.done.count("distill"), 0U);
}

// Its losses take a pass over all images for each epoch of every expert.
TEST_F(ObjectiveTest, TheHighLossSubsetIsMadeOnlyWhereItIsRead) {
  const fs::path subset = folder_ / "run" / "subset" / "high-loss.safetensors";
  EXPECT_EQ(run({"evaluate.methods=random,distilled"}).done.count("experts"), 1U);
  EXPECT_FALSE(fs::exists(subset));
  const StageObserver more = run({"evaluate.methods=random,high-loss,distilled"});
  EXPECT_TRUE(fs::exists(subset));
  EXPECT_EQ(more.done, (Strings{"subset", "evaluate"}));
  // It stays where it is no longer read.
  EXPECT_EQ(run({"evaluate.methods=random,distilled"}).done, (Strings{"evaluate"}));
  EXPECT_TRUE(fs::exists(subset));
}

TEST_F(ObjectiveTest, OptionsOfTheOtherObjectiveChangeNothing) {
  run(representation());
  EXPECT_EQ(run(representation({"distill.expert_epochs=2", "experts.count=3"})).done, Strings());
  EXPECT_EQ(run(representation({"distill.real_batch=17"})).done.count("distill"), 1U);
  run({}, "", "trajectory");
  EXPECT_EQ(run({"distill.real_batch=17"}, "", "trajectory").done, Strings());
}

TEST_F(ObjectiveTest, OneObjectiveGoesOnFromTheSetOfTheOther) {
  run();
  const std::string start = "distill.start=" + set("run").string();
  const std::vector<std::string> frozen = {start, "distill.lr_images=0", "distill.lr_targets=0",
                                           "distill.lr_syn_lr=0"};
  run(representation(frozen), "", "second");
  const SyntheticSet first = read_synthetic_set(set("run")),
                     second = read_synthetic_set(set("second"));
  EXPECT_TRUE(torch::equal(first.images, second.images));
  EXPECT_TRUE(torch::equal(first.targets, second.targets));
  EXPECT_EQ(first.syn_lr, second.syn_lr);
  EXPECT_EQ(second.provenance.at("start"), set("run").string());
  run(representation({start}), "", "moved");
  EXPECT_FALSE(torch::equal(first.images, read_synthetic_set(set("moved")).images));
}

TEST_F(ObjectiveTest, AnotherSetToStartFromRedoesTheDistillation) {
  run({}, "", "a");
  run({"distill.iterations=3"}, "", "b");
  fs::copy_file(set("a"), folder_ / "start.safetensors");
  const std::string start = "distill.start=" + (folder_ / "start.safetensors").string();
  run({start});
  fs::copy_file(set("b"), folder_ / "start.safetensors", fs::copy_options::overwrite_existing);
  EXPECT_EQ(run({start}).done.count("distill"), 1U);
  EXPECT_EQ(run({start}).done, Strings());
}

TEST_F(ObjectiveTest, ASetThatDoesNotFitIsRefusedByName) {
  const std::string missing =
      refusal({"distill.start=" + (folder_ / "no.safetensors").string()}, "missing");
  EXPECT_NE(missing.find("no.safetensors"), std::string::npos) << missing;
  EXPECT_FALSE(fs::exists(folder_ / "missing" / "teacher"));  // before the long work
  run();
  const std::string start = "distill.start=" + set("run").string();
  const std::string size = refusal({start, "subset.size=12"}, "size");
  EXPECT_NE(size.find("set subset.size to 10"), std::string::npos) << size;
  const std::string width = refusal({start, "teacher.width=5"}, "width");
  EXPECT_NE(width.find("have 32 dimensions, but those of this run have 40"), std::string::npos)
      << width;
  const std::string pixels = refusal({start, "data.image_size=8"}, "pixels");
  EXPECT_NE(pixels.find("[3, 16, 16], but those of this run are [3, 8, 8]"), std::string::npos)
      << pixels;
  EXPECT_FALSE(fs::exists(folder_ / "pixels" / "teacher"));
  const std::string own = refusal({start}, "run");
  EXPECT_NE(own.find("is what this run's distillation writes"), std::string::npos) << own;
}

TEST_F(ObjectiveTest, ASetWithoutALearnedRateTakesTheConfigured) {
  run();
  SyntheticSet made = read_synthetic_set(set("run"));
  made.syn_lr = 0;
  made.provenance["teacher"] = "another one";
  write_synthetic_set(folder_ / "start.safetensors", made);
  const StageObserver observer =
      run({"distill.start=" + (folder_ / "start.safetensors").string(), "distill.lr_syn_lr=0"});
  EXPECT_EQ(read_synthetic_set(set("run")).syn_lr, DistillOptions().syn_lr);
  EXPECT_NE(observer.said.find("made with another teacher"), std::string::npos) << observer.said;
}

}  // namespace
}  // namespace mkdt
