// What a run says before its first stage, and a plan too.
#include <functional>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/io/npy.h"
#include "mkdt/publish/results.h"
#include "mkdt/stages/pipeline.h"
#include "mkdt/stages/run_plan.h"
#include "tests/stages/pipeline_fixture.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::PipelineTest;
using testing::StageObserver;
using Names = std::vector<std::string>;

class CheckRunTest : public PipelineTest {
 protected:
  // Run, plan and outlook of the comparison refuse alike, before anything is done.
  void expect_refusal(const Names& assignments, const std::string& part) const {
    const auto options = config(assignments);
    const auto refusal = [&](const std::function<void(Observer&)>& attempt) -> std::string {
      StageObserver observer;
      try {
        attempt(observer);
      } catch (const Error& error) {
        return error.what();
      }
      return "nothing";
    };
    const fs::path out = folder_ / "refused";
    const Names messages = {
        refusal([&](Observer& observer) { run_pipeline(*options, out, "", observer); }),
        refusal([&](Observer& observer) { plan_run(*options, out, observer); }),
        refusal([&](Observer& observer) { comparison_outlook(*options, out, observer); })};
    for (const std::string& message : messages) {
      EXPECT_NE(message.find(part), std::string::npos) << message;
    }
    EXPECT_FALSE(fs::exists(out / "teacher"));
    EXPECT_FALSE(fs::exists(out / "embed"));
  }

  std::string rows(int64_t count, int64_t dim, const std::string& name) const {
    write_npy(folder_ / name, torch::rand({count, dim}));
    return (folder_ / name).string();
  }
};

TEST_F(CheckRunTest, MoreAxesThanTheTeacherHasDimensions) {
  expect_refusal({"teacher.pca=33"}, "teacher.pca is 33, but the representations have 32");
  expect_refusal({"teacher.pca=7", "teacher.representations=" + rows(120, 6, "six.npy")},
                 "teacher.pca is 7, but the representations have 6");
}

TEST_F(CheckRunTest, RepresentationsThatDoNotFit) {
  const std::string train = "teacher.representations=" + rows(120, 6, "train.npy");
  expect_refusal({train, "teacher.test_representations=" + rows(100, 5, "narrow.npy")},
                 "representations of 5 dimensions, but those of");
  expect_refusal({train, "teacher.test_representations=" + rows(99, 6, "short.npy")}, "99");
}

TEST_F(CheckRunTest, ASetToStartFromThatIsNotThereOrDoesNotFit) {
  expect_refusal({"distill.start=" + (folder_ / "no.safetensors").string()}, "no.safetensors");
  run();
  const std::string set = (folder_ / "run/distill/distilled.safetensors").string();
  expect_refusal({"distill.start=" + set, "teacher.pca=5"},
                 "have 32 dimensions, but those of this run have 5");
}

TEST_F(CheckRunTest, NetworksThatDoNotFit) {
  expect_refusal({"experts.depth=5"}, "16×16 images do not fit a depth of 5");
  expect_refusal({"experts.architecture=resnet10", "distill.engine=native"},
                 "distill.engine is native");
  expect_refusal({"evaluate.encoders=convnet depth=5"}, "evaluate.encoders: ");
  expect_refusal({"teacher.architecture=vit-tiny", "teacher.patch=5"}, "teacher.patch");
}

TEST_F(CheckRunTest, SetsThatAreTooSmall) {
  expect_refusal({"subset.size=1", "evaluate.methods=mtt-ssl"}, "subset.size is 1");
  expect_refusal({"subset.size=5000"}, "subset.size is 5000");
  expect_refusal({"evaluate.datasets=/nowhere"}, "evaluate.datasets");
}

TEST_F(CheckRunTest, MoreLabelsThanThereAre) {
  const StageObserver observer =
      run({"evaluate.label_counts=1000,1", "evaluate.label_fractions=1.0", "evaluate.seeds=1",
           "evaluate.methods=random,teacher"});
  EXPECT_NE(observer.said.find("evaluate.label_counts: 1000 labels a class are asked for"),
            std::string::npos)
      << observer.said;
  EXPECT_EQ(observer.said.find("evaluate.label_counts: 1 labels"), std::string::npos);
  const std::string table = read_text(folder_ / "run/evaluate/results.md");
  EXPECT_EQ(table.find("1000 a class"), std::string::npos) << table;
  EXPECT_NE(table.find("| 100 % | 1 a class |"), std::string::npos) << table;
  // All labels are probed once, although they were asked for twice.
  EXPECT_EQ(read_results(folder_ / "run/evaluate/results.json").size(), 2U * 2);
}

}  // namespace
}  // namespace mkdt
