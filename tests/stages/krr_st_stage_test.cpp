// The baseline KRR-ST as a stage of a run.
#include <algorithm>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/stages/stage.h"
#include "tests/stages/pipeline_fixture.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::PipelineTest;
using testing::StageObserver;
using testing::Strings;

class KrrStStageTest : public PipelineTest {
 protected:
  void prepare() const {
    for (const char* stage : {"teacher", "embed", "experts", "subset"}) run({}, stage);
  }
  StageObserver krr_st(const std::vector<std::string>& assignments = {}) const {
    return run(assignments, "krr-st");
  }
  fs::path file(const std::string& name) const { return folder_ / "run/krr-st" / name; }
};

TEST_F(KrrStStageTest, WritesASyntheticSetOnce) {
  prepare();
  EXPECT_EQ(krr_st().done, Strings{"krr-st"});
  const SyntheticSet set = read_synthetic_set(file("krr-st.safetensors"));
  EXPECT_EQ(set.images.sizes(), torch::IntArrayRef({10, 3, 16, 16}));
  EXPECT_EQ(set.targets.sizes(), torch::IntArrayRef({10, 32}));
  EXPECT_EQ(set.syn_lr, 0);
  EXPECT_EQ(set.provenance.at("method"), "krr-st");
  EXPECT_EQ(set.provenance.at("start"), "random");
  EXPECT_EQ(set.provenance.at("iterations"), "6");
  EXPECT_EQ(set.provenance.at("student_width"), "4");
  ASSERT_TRUE(set.recipe);
  EXPECT_GT(set.recipe->training.sgd.lr, 0);
  EXPECT_TRUE(fs::exists(file("contact_sheet.png")));
  EXPECT_TRUE(fs::exists(file("loss.svg")));
  EXPECT_EQ(krr_st().done, Strings());
}

TEST_F(KrrStStageTest, GoesOnFromItsCheckpointForAnotherRecipeOnly) {
  prepare();
  krr_st();
  const torch::Tensor images = read_synthetic_set(file("krr-st.safetensors")).images;
  const StageObserver recipe = krr_st({"pretrain.momentum=0.5"});
  EXPECT_EQ(recipe.done, Strings{"krr-st"});
  EXPECT_NE(recipe.said.find("resumes at step 6"), std::string::npos) << recipe.said;
  EXPECT_TRUE(torch::equal(read_synthetic_set(file("krr-st.safetensors")).images, images));
  // The rate's fall depends on the number of steps: another one is another result.
  for (const char* assignment : {"krr_st.steps=8", "krr_st.lr=0.5", "experts.width=5"}) {
    if (std::string(assignment) == "experts.width=5") {
      for (const char* stage : {"experts", "subset"}) run({assignment}, stage);
    }
    const StageObserver other = krr_st({assignment});
    EXPECT_EQ(other.done, Strings{"krr-st"}) << assignment;
    EXPECT_EQ(other.said.find("resumes"), std::string::npos) << other.said;
  }
}

TEST_F(KrrStStageTest, HowOftenItIsSavedChangesNothing) {
  prepare();
  krr_st();
  EXPECT_EQ(krr_st({"krr_st.checkpoint_every=3", "distill.iterations=9"}).done, Strings());
}

TEST_F(KrrStStageTest, IsPartOfARunThatComparesIt) {
  const auto names = [&](const std::vector<std::string>& assignments) {
    std::vector<std::string> list;
    for (const Stage& stage : stages_for(*config(assignments), {"evaluate"})) {
      list.push_back(stage.name);
    }
    return list;
  };
  const std::vector<std::string> with = names({"evaluate.methods=random,krr-st"});
  const auto at = std::find(with.begin(), with.end(), "krr-st");
  ASSERT_NE(at, with.end());
  EXPECT_EQ(*(at - 1), "subset");
  const std::vector<std::string> without = names({});
  EXPECT_EQ(std::count(without.begin(), without.end(), "krr-st"), 0);
}

TEST_F(KrrStStageTest, NeedsItsInputs) { EXPECT_THROW(krr_st(), Error); }

}  // namespace
}  // namespace mkdt
