#include "mkdt/stages/pipeline.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/publish/results.h"
#include "mkdt/run/manifest.h"
#include "mkdt/stages/stage.h"
#include "tests/publish/event_file.h"
#include "tests/stages/pipeline_fixture.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::PipelineTest;
using testing::StageObserver;
using testing::Strings;

const Strings kAll = {"teacher", "embed",    "experts", "subset",
                      "distill", "pretrain", "probe",   "evaluate"};

TEST_F(PipelineTest, RunsEveryStageOnceAndWritesItsFiles) {
  EXPECT_EQ(run().done, kAll);
  const fs::path out = folder_ / "run";
  for (const char* file :
       {"config.toml", "log.jsonl", "metrics.jsonl", "teacher/teacher.safetensors",
        "embed/train.safetensors", "embed/test.safetensors", "embed/processing.safetensors",
        "embed/quality.json", "experts/expert_0001.safetensors", "subset/random.safetensors",
        "subset/high-loss.safetensors", "distill/distilled.safetensors",
        "distill/contact_sheet.png", "distill/outer_loss.svg", "pretrain/encoder.safetensors",
        "probe/results.json", "evaluate/results.md"}) {
    EXPECT_TRUE(fs::exists(out / file)) << file;
  }
  for (const std::string& stage : kAll) {
    EXPECT_TRUE(read_manifest(out / stage / "manifest.json").has_value()) << stage;
  }
  // methods × fractions × seeds; the teacher has no representation loss, others have one.
  const auto rows = read_results(out / "evaluate" / "results.json");
  EXPECT_EQ(rows.size(), 6U * 2 * 2);
  for (const ComparisonRow& row : rows) {
    EXPECT_TRUE(row.accuracy.has_value());
    EXPECT_EQ(row.representation_loss.has_value(), row.method != "teacher");
  }
  const TensorFile set = read_safetensors(out / "distill" / "distilled.safetensors");
  EXPECT_EQ(set.tensor("images").sizes(), torch::IntArrayRef({10, 3, 16, 16}));
  EXPECT_EQ(set.tensor("targets").sizes(), torch::IntArrayRef({10, 32}));
  EXPECT_GT(set.real("recipe_lr"), 0);
  EXPECT_GT(set.real("recipe_validation_loss"), 0);

  const auto files = [&] {
    return std::distance(fs::directory_iterator(out), fs::directory_iterator());
  };
  const auto files_before = files();
  const StageObserver again = run();
  EXPECT_EQ(again.done, Strings());
  EXPECT_EQ(files(), files_before);  // no event file without a metric
  EXPECT_NE(again.said.find("evaluate: already done"), std::string::npos);
}

TEST_F(PipelineTest, SameSeedSameBits) {
  run({}, "", "a");
  run({}, "", "b");
  run({"runtime.seed=1"}, "", "c");
  EXPECT_EQ(bits("a"), bits("b"));
  EXPECT_NE(bits("a"), bits("c"));
}

TEST_F(PipelineTest, AChangedOptionRedoesExactlyWhatDependsOnIt) {
  run();
  const auto redone = [&](const std::string& assignment) { return run({assignment}).done; };
  EXPECT_EQ(redone("evaluate.seeds=1"), (Strings{"probe", "evaluate"}));
  run();
  EXPECT_EQ(redone("pretrain.momentum=0.5"), (Strings{"distill", "pretrain", "probe", "evaluate"}));
  run();
  EXPECT_EQ(redone("distill.syn_steps=3"), (Strings{"distill", "pretrain", "probe", "evaluate"}));
  run();
  EXPECT_EQ(redone("experts.lr=0.05"),
            (Strings{"experts", "subset", "distill", "pretrain", "probe", "evaluate"}));
  run();
  EXPECT_EQ(redone("teacher.standardise=false").count("teacher"), 0U);
  EXPECT_EQ(redone("data.shapes_train=130"), kAll);
}

TEST_F(PipelineTest, OptionsThatChangeNoResultRedoNothing) {
  run();
  EXPECT_EQ(run({"distill.checkpoint_every=3", "runtime.threads=1", "teacher.embed_batch=7"}).done,
            Strings());
}

// As a version made them that did not know these options.
TEST_F(PipelineTest, ManifestsWithoutANewOptionStayValidWhileItHasItsDefault) {
  run();
  for (const char* stage :
       {"teacher", "embed", "experts", "subset", "distill", "pretrain", "probe", "evaluate"}) {
    const std::filesystem::path path = folder_ / "run" / stage / kManifestFile;
    Manifest manifest = *read_manifest(path);
    for (const char* option :
         {"data.validation_fraction", "teacher.warmup_epochs", "experts.momentum",
          "distill.syn_momentum", "pretrain.momentum", "evaluate.finetune_batch"}) {
      manifest.options.erase(option);
    }
    write_manifest(path, manifest);
  }
  EXPECT_EQ(run().done, Strings());
  const StageObserver changed = run({"pretrain.momentum=0.8"});
  EXPECT_EQ(changed.done, (Strings{"distill", "pretrain", "probe", "evaluate"}));
  EXPECT_NE(changed.said.find("distill: pretrain.momentum is new"), std::string::npos)
      << changed.said;
}

// The published presets ask for them. Seven of ten images a batch leave a batch of three.
TEST_F(PipelineTest, ShortBatchesAreAnOptionThatLeavesNoTraceWhileItIsOff) {
  const std::vector<std::string> odd = {"distill.batch=7", "pretrain.batch=7"};
  run(odd, "", "without");
  for (const char* stage : {"distill", "pretrain", "evaluate"}) {
    const auto manifest = read_manifest(folder_ / "without" / stage / kManifestFile);
    ASSERT_TRUE(manifest);
    for (const auto& [key, value] : manifest->options) {
      EXPECT_EQ(key.find("short_batches"), std::string::npos) << stage;
    }
  }
  const StageObserver changed = run(
      {odd[0], odd[1], "distill.short_batches=true", "pretrain.short_batches=true"}, "", "without");
  EXPECT_EQ(changed.done, (Strings{"distill", "pretrain", "probe", "evaluate"}));
  EXPECT_NE(changed.said.find("distill.short_batches is new"), std::string::npos) << changed.said;
  const SyntheticSet set =
      read_synthetic_set(folder_ / "without" / "distill" / "distilled.safetensors");
  EXPECT_TRUE(set.recipe->training.short_batches);
}

TEST_F(PipelineTest, ThePublishedPresetsHaveShortBatches) {
  const char* source = std::getenv("MKDT_SOURCE_DIR");
  ASSERT_NE(source, nullptr);
  for (const char* name : {"cifar10", "cifar100", "tiny-imagenet"}) {
    const auto preset =
        Config::load(std::filesystem::path(source) / "configs" / (std::string(name) + ".toml"), {});
    EXPECT_TRUE(preset->distill.short_batches) << name;
    EXPECT_TRUE(preset->pretrain.short_batches) << name;
  }
}

TEST_F(PipelineTest, SaysWhichOptionChanged) {
  run();
  const std::string said = run({"distill.syn_steps=3"}).said;
  EXPECT_NE(said.find("distill: distill.syn_steps changed from 2 to 3"), std::string::npos) << said;
}

TEST_F(PipelineTest, MoreIterationsGoOnToTheSameBits) {
  run({"distill.iterations=4"}, "", "a");
  const StageObserver more = run({"distill.iterations=7"}, "", "a");
  EXPECT_NE(more.said.find("resumes at iteration 4"), std::string::npos) << more.said;
  run({"distill.iterations=7"}, "", "b");
  EXPECT_EQ(bits("a"), bits("b"));
}

TEST_F(PipelineTest, MoreExpertsKeepTheFirstOnes) {
  run({}, "teacher");
  run({}, "embed");
  run({}, "experts");
  const fs::path first = folder_ / "run/experts/expert_0000.safetensors";
  const auto written = fs::last_write_time(first);
  run({"experts.count=3"}, "experts");
  EXPECT_EQ(fs::last_write_time(first), written);
  EXPECT_TRUE(fs::exists(folder_ / "run/experts/expert_0002.safetensors"));
  run({"experts.count=1"}, "experts");
  EXPECT_FALSE(fs::exists(folder_ / "run/experts/expert_0001.safetensors"));
}

TEST_F(PipelineTest, AStageWhoseFileIsGoneIsDoneAgain) {
  run();
  const std::string before = bits("run");
  fs::remove(folder_ / "run/subset/random.safetensors");
  // Its outputs come out as they were, so nothing after it is touched.
  EXPECT_EQ(run().done, Strings{"subset"});
  EXPECT_EQ(bits("run"), before);
}

// From the experts to the comparison, on `autograd`.
TEST_F(PipelineTest, StudentsMayHaveOtherArchitectures) {
  run();
  const std::set<std::string> behind_embed = {"experts",  "subset", "distill",
                                              "pretrain", "probe",  "evaluate"};
  EXPECT_EQ(run({"experts.architecture=resnet10"}).done, behind_embed);
  EXPECT_EQ(run({"experts.norm=group", "experts.activation=swish", "experts.pooling=max"}).done,
            behind_embed);
}

TEST_F(PipelineTest, OneStageNeedsItsInputs) {
  try {
    run({}, "experts");
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'embed'"), std::string::npos) << error.what();
  }
  EXPECT_EQ(run({}, "teacher").done, Strings{"teacher"});
}

TEST(Config, TiesOptionsTogether) {
  const testing::TemporaryFolder folder;
  write_text_atomically(folder / "a.toml", "[experts]\nepochs = 2\n");
  EXPECT_THROW(Config::load(folder / "a.toml", {}), Error);
  EXPECT_NO_THROW(Config::load(folder / "a.toml", {"distill.expert_epochs=1"}));
  write_text_atomically(folder / "b.toml", "[experts]\nwidth = 6\n");
  EXPECT_NO_THROW(Config::load(folder / "b.toml", {"experts.norm=layer"}));
  EXPECT_THROW(Config::load(folder / "b.toml", {"experts.norm=group"}), Error);
  EXPECT_NO_THROW(Config::load(folder / "b.toml", {"experts.architecture=resnet18"}));
  EXPECT_THROW(
      Config::load(folder / "b.toml", {"experts.architecture=resnet18", "experts.pooling=max"}),
      Error);
}

// pretrain learned from the distilled set, which probe does not read.
TEST_F(PipelineTest, AStageWhoseInputsAreInWorkAgainSaysWhichIsNotDone) {
  run();
  fs::remove(folder_ / "run" / "distill" / "manifest.json");
  try {
    run({}, "probe");
    FAIL() << "probed without a distilled set";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'distill' is not done"), std::string::npos)
        << error.what();
  }
}

TEST_F(PipelineTest, TensorBoardHasEveryCurveOfTheRunAndSheetsOfItsImages) {
  run({"evaluate.methods=random,krr-st,mtt-ssl,distilled", "evaluate.curve_points=2",
       "mtt_ssl.experts=1", "mtt_ssl.iterations=2", "mtt_ssl.train_batch=32"});
  Strings curves, tags, sheets;
  std::istringstream lines(read_text(folder_ / "run" / "metrics.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    curves.insert(nlohmann::json::parse(line)["name"].get<std::string>());
  }
  for (const auto& entry : fs::directory_iterator(folder_ / "run")) {
    if (entry.path().filename().string().rfind("events.out.tfevents", 0) != 0) continue;
    for (const testing::EventRecord& event : testing::read_events(read_text(entry.path()))) {
      if (!event.file_version.empty()) continue;
      (event.image.empty() ? tags : sheets).insert(event.tag);
    }
  }
  EXPECT_EQ(tags, curves);
  EXPECT_EQ(sheets, Strings({"distill/images", "krr-st/images", "mtt_ssl/images"}));
  for (const char* name : {"teacher/loss", "experts/final_loss", "distill/matching_loss",
                           "krr-st/loss", "mtt_ssl/matching_loss"}) {
    EXPECT_EQ(curves.count(name), 1U) << name;
  }
  EXPECT_TRUE(std::any_of(curves.begin(), curves.end(), [](const std::string& name) {
    return name.rfind("evaluate/distilled/", 0) == 0;
  }));
}

}  // namespace
}  // namespace mkdt
