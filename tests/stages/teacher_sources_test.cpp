// Where a run's representations may come from.
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/data/representations.h"
#include "mkdt/io/npy.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/publish/results.h"
#include "tests/fixtures/python.h"
#include "tests/stages/pipeline_fixture.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::PipelineTest;
using testing::StageObserver;

class RepresentationsFileTest : public PipelineTest {
 protected:
  // Rows for all 120 images of the source, which the run then splits.
  std::string write_rows(int64_t rows, int64_t dim, const std::string& name) const {
    TensorFile file;
    file.tensors["embeddings"] = torch::arange(rows * dim, torch::kFloat32).view({rows, dim}).sin();
    const fs::path path = folder_ / (name + ".safetensors");
    write_safetensors(path, file);
    return path.string();
  }
};

TEST_F(RepresentationsFileTest, ReplacesTheTeacher) {
  const std::string train = write_rows(120, 6, "train");
  const std::string test = write_rows(100, 6, "test");
  const StageObserver observer =
      run({"teacher.representations=" + train, "teacher.test_representations=" + test});
  EXPECT_EQ(observer.done.count("teacher"), 0U);
  EXPECT_EQ(observer.done.size(), 7U);
  EXPECT_EQ(read_results(folder_ / "run/evaluate/results.json").size(), 24U);
}

TEST_F(RepresentationsFileTest, WorksWithoutTestRows) {
  const StageObserver observer = run({"teacher.representations=" + write_rows(120, 6, "train")});
  EXPECT_NE(observer.said.find("teacher.test_representations"), std::string::npos);
  EXPECT_EQ(read_results(folder_ / "run/evaluate/results.json").size(), 20U);  // no teacher's
}

TEST_F(RepresentationsFileTest, RowsMustFit) {
  try {
    run({"teacher.representations=" + write_rows(119, 6, "train")});
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("119"), std::string::npos) << message;
    EXPECT_NE(message.find("120"), std::string::npos) << message;
  }
}

TEST_F(RepresentationsFileTest, FilesThatAreNotThereAreNamedWithTheirOption) {
  for (const char* key : {"teacher.representations", "teacher.torchscript"}) {
    try {
      run({std::string(key) + "=/nowhere.npy"});
      FAIL() << "expected an Error";
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()), std::string(key) + ": no such file: '/nowhere.npy'");
    }
  }
}

TEST_F(RepresentationsFileTest, MayBeANumPyArray) {
  write_npy(folder_ / "train.npy", torch::rand({120, 6}, torch::kFloat64));
  run({"teacher.representations=" + (folder_ / "train.npy").string()}, "embed");
  EXPECT_TRUE(fs::exists(folder_ / "run/embed/train.safetensors"));
}

TEST_F(RepresentationsFileTest, WithoutInformationAreSaidBeforeTheExperts) {
  const torch::Tensor two = torch::rand({2, 6}).index_select(0, torch::arange(120).remainder(2));
  for (const auto& [values, part] :
       {std::pair(torch::ones({120, 6}), "have the same representation"),
        {torch::zeros({120, 6}), "have the same representation"},
        {two, "only 2 different representations"}}) {
    write_npy(folder_ / "poor.npy", values);
    const StageObserver observer =
        run({"teacher.representations=" + (folder_ / "poor.npy").string()}, "embed");
    EXPECT_NE(observer.said.find(part), std::string::npos) << observer.said;
    EXPECT_NE(observer.said.find("learn next to nothing"), std::string::npos) << observer.said;
  }
  const StageObserver rich =
      run({"teacher.representations=" + write_rows(120, 6, "rich")}, "embed");
  EXPECT_EQ(rich.said.find("learn next to nothing"), std::string::npos) << rich.said;
}

nlohmann::json quality_of(const fs::path& run) {
  return nlohmann::json::parse(read_text(run / "embed" / "quality.json"));
}

class TeacherTest : public PipelineTest {};

TEST_F(TeacherTest, EveryAlgorithmFinishesARun) {
  for (const std::string algorithm : {"barlow-twins", "simclr", "vicreg", "byol"}) {
    run({"teacher.algorithm=" + algorithm, "evaluate.seeds=1"}, "", algorithm);
    EXPECT_EQ(read_results(folder_ / algorithm / "evaluate/results.json").size(), 12U) << algorithm;
  }
  EXPECT_NE(bits("simclr"), bits("byol"));
}

TEST_F(TeacherTest, IsComparedWithTheUntrainedEncoder) {
  run({}, "teacher");
  const StageObserver observer = run({}, "embed");
  const nlohmann::json rows = quality_of(folder_ / "run");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["encoder"], "teacher");
  EXPECT_EQ(rows[1]["encoder"], "untrained");
  for (const nlohmann::json& row : rows) {
    EXPECT_EQ(row["dim"], 32);
    EXPECT_GT(row["effective_rank"], 1.5);
    EXPECT_GT(row["knn"], 0.05);
    EXPECT_LE(row["probe"], 1.0);
  }
  EXPECT_NE(rows[0], rows[1]);
  EXPECT_NE(observer.said.find("embed: untrained: 32 dimensions"), std::string::npos);
}

TEST_F(TeacherTest, IsProbedDuringTraining) {
  EXPECT_NE(run({"teacher.probe_every=1"}, "teacher").said.find("teacher: epoch 2: 32 dimensions"),
            std::string::npos);
  const std::string metrics = read_text(folder_ / "run" / "metrics.jsonl");
  for (const char* name : {"teacher/knn", "teacher/probe", "teacher/embedding_rank"}) {
    EXPECT_NE(metrics.find(name), std::string::npos) << name;
  }
  EXPECT_EQ(run({"teacher.probe_every=0"}, "teacher").done, testing::Strings());
}

TEST_F(TeacherTest, PrincipalAxesBecomeTheTargets) {
  run({"teacher.pca=5"});
  const Representations test = read_representations(folder_ / "run/embed/test.safetensors", 100);
  EXPECT_EQ(test.dim(), 5);
  EXPECT_EQ(test.processing, "pca 5, standardise");
  const TensorFile set = read_safetensors(folder_ / "run/distill/distilled.safetensors");
  EXPECT_EQ(set.tensor("targets").size(1), 5);
  EXPECT_EQ(set.text("target_processing"), "pca 5, standardise");
  // Of what was processed already, both are said.
  const std::string given = (folder_ / "run/embed/test.safetensors").string();
  run({"data.shapes_train=100", "teacher.representations=" + given, "teacher.pca=3",
       "teacher.standardise=false"},
      "embed", "again");
  EXPECT_EQ(read_representations(folder_ / "again/embed/train.safetensors", -1).processing,
            "pca 5, standardise, pca 3");
  // Only what is behind the encoder is done again.
  EXPECT_EQ(run({"teacher.pca=4"}).done.count("teacher"), 0U);
  EXPECT_THROW(run({"teacher.pca=33"}), Error);
}

constexpr const char* kWriteEncoder = R"(
import sys, torch
from torch import nn
torch.manual_seed(0)
encoder = nn.Sequential(nn.Conv2d(3, 6, 3, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
torch.jit.script(encoder).save(sys.argv[1])
)";

TEST_F(TeacherTest, MayBeATorchScriptProgram) {
  MKDT_PYTHON_OR_SKIP("torch");
  const std::string script = (folder_ / "encoder.pt").string();
  testing::run_python(kWriteEncoder, {script});
  const StageObserver observer = run({"teacher.torchscript=" + script, "teacher.input_size=24"});
  EXPECT_EQ(observer.done.count("teacher"), 0U);
  EXPECT_EQ(observer.done.size(), 7U);
  EXPECT_EQ(read_results(folder_ / "run/evaluate/results.json").size(), 24U);
  EXPECT_EQ(quality_of(folder_ / "run").size(), 1U);
  const Representations train = read_representations(folder_ / "run/embed/train.safetensors", -1);
  EXPECT_EQ(train.encoder.rfind("torchscript encoder.pt, 24 pixels, ", 0), 0U) << train.encoder;

  testing::run_python(
      std::string(kWriteEncoder).replace(std::string(kWriteEncoder).find("seed(0)"), 7, "seed(1)"),
      {script});
  EXPECT_EQ(run({"teacher.torchscript=" + script, "teacher.input_size=24"}).done.count("embed"),
            1U);
}

}  // namespace
}  // namespace mkdt
