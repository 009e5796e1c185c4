#include <gtest/gtest.h>

#include "mkdt/distill/synthetic_set.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/stages/stage.h"
#include "tests/stages/pipeline_fixture.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::PipelineTest;
using testing::StageObserver;
using testing::Strings;

class MttSslStage : public PipelineTest {
 protected:
  MttSslStage() {
    for (const char* stage : {"teacher", "embed", "experts", "subset"}) run({}, stage);
  }
  StageObserver stage(std::vector<std::string> assignments = {}) const {
    const std::vector<std::string> tiny = {
        "mtt_ssl.experts=2",   "mtt_ssl.train_batch=32",     "mtt_ssl.projector_hidden=8",
        "mtt_ssl.batch=10",    "mtt_ssl.projector_output=8", "mtt_ssl.iterations=3",
        "mtt_ssl.syn_steps=2", "mtt_ssl.checkpoint_every=2"};
    assignments.insert(assignments.begin(), tiny.begin(), tiny.end());
    return run(assignments, "mtt-ssl");
  }
  fs::path file(const std::string& name) const { return folder_ / "run" / "mtt-ssl" / name; }
  std::string bits() const { return file_checksum(file("mtt-ssl.safetensors")); }
};

TEST_F(MttSslStage, WritesASetOfImagesWithoutTargets) {
  EXPECT_EQ(stage().done, Strings{"mtt-ssl"});
  const SyntheticSet set = read_synthetic_set(file("mtt-ssl.safetensors"));
  EXPECT_EQ(set.images.sizes(), torch::IntArrayRef({10, 3, 16, 16}));
  EXPECT_EQ(set.targets.sizes(), torch::IntArrayRef({10, 0}));
  EXPECT_GT(set.syn_lr, 0);
  EXPECT_EQ(set.provenance.at("method"), "mtt-ssl");
  for (const char* name : {"experts/expert_0001.safetensors", "contact_sheet.png",
                           "matching_loss.svg", "manifest.json"}) {
    EXPECT_TRUE(fs::exists(file(name))) << name;
  }
  EXPECT_EQ(stage().done, Strings());
}

TEST_F(MttSslStage, MoreIterationsGoOnAndOtherStepsKeepTheExperts) {
  stage();
  const auto written = fs::last_write_time(file("experts/expert_0000.safetensors"));
  const StageObserver more = stage({"mtt_ssl.iterations=5"});
  EXPECT_NE(more.said.find("mtt_ssl: resumes at iteration 3"), std::string::npos) << more.said;
  const std::string gone_on = bits();
  const StageObserver other = stage({"mtt_ssl.syn_steps=3"});
  EXPECT_EQ(other.said.find("resumes"), std::string::npos) << other.said;
  EXPECT_EQ(fs::last_write_time(file("experts/expert_0000.safetensors")), written);
  stage({"mtt_ssl.iterations=5"});  // anew: the checkpoint is that of other steps
  EXPECT_EQ(bits(), gone_on);
  stage({"mtt_ssl.train_lr=0.05"});
  EXPECT_NE(fs::last_write_time(file("experts/expert_0000.safetensors")), written);
}

// Only where it is compared is it a part of a run.
TEST_F(MttSslStage, IsLeftOutOfARunThatDoesNotCompareIt) {
  const auto names = [](const Config& config) {
    Strings result;
    for (const Stage& stage : stages_for(config, {"probe", "evaluate"})) result.insert(stage.name);
    return result;
  };
  EXPECT_EQ(names(*config()).count("mtt-ssl"), 0U);
  EXPECT_EQ(names(*config({"evaluate.methods=none,mtt-ssl"})).count("mtt-ssl"), 1U);
}

}  // namespace
}  // namespace mkdt
