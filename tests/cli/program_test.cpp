#include "tests/cli/program.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mkdt/data/image_file.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/safetensors.h"
#include "tests/fixtures/shared_folder.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/stages/tiny_run.h"

namespace mkdt::testing {
namespace fs = std::filesystem;

namespace {

class ProgramTest : public ::testing::Test {
 protected:
  ProgramTest() { write_text_atomically(folder_ / "tiny.toml", tiny_config()); }

  ProgramResult run(const std::string& arguments) const {
    return run_program("run " + (folder_ / "tiny.toml").string() + " --out " +
                       (folder_ / "run").string() + " " + arguments);
  }

  // One line on standard error that has `part` in it, exit status 2.
  static void expect_user_error(const ProgramResult& result, const std::string& part) {
    EXPECT_EQ(result.status, 2) << result.err;
    const std::string last = last_line(result.err);
    EXPECT_EQ(last.rfind("mkdt: ", 0), 0U) << result.err;
    EXPECT_EQ(last.find("internal"), std::string::npos) << result.err;
    EXPECT_NE(last.find(part), std::string::npos) << result.err;
  }

  static std::string last_line(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text.substr(text.rfind('\n') + 1);
  }

  fs::path make_folder(const std::string& name) const {
    fs::create_directories(folder_ / name);
    return folder_ / name;
  }

  TemporaryFolder folder_;
};

TEST_F(ProgramTest, HelpTeachesAndListsEveryCommand) {
  const ProgramResult help = run_program("--help");
  EXPECT_EQ(help.status, 0);
  for (const char* command : {"run", "plan", "teacher", "embed", "experts", "subset", "distill",
                              "pretrain", "probe", "evaluate", "study", "report", "augment-sheet",
                              "export", "data", "inspect", "check", "bench", "options"}) {
    EXPECT_NE(help.out.find(command), std::string::npos) << command;
    EXPECT_EQ(run_program(std::string(command) + " --help").status, 0) << command;
  }
  EXPECT_EQ(run_program("").status, 2);
  EXPECT_EQ(run_program("dance").status, 2);
}

TEST_F(ProgramTest, DocumentedOptionsAreThoseOfTheProgram) {
  const char* source = std::getenv("MKDT_SOURCE_DIR");
  ASSERT_NE(source, nullptr);
  EXPECT_EQ(read_text(fs::path(source) / "docs/reference/options.md"),
            run_program("options --markdown").out)
      << "run: mkdt options --markdown > docs/reference/options.md";
}

TEST_F(ProgramTest, RunPrintsTheTableAndExportsInspect) {
  const ProgramResult result = run("--set evaluate.seeds=1 --evaluate.label_fractions 0.5");
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find("distilled"), std::string::npos) << result.out;
  // Two rates and two numbers of steps: whatever the search chooses is at an edge.
  EXPECT_NE(result.out.find("at the edge of its grid for"), std::string::npos) << result.out;
  EXPECT_NE(result.err.find("distill: 4/4 iterations"), std::string::npos) << result.err;

  const std::string out = (folder_ / "run").string();
  EXPECT_NE(run_program("inspect " + out).out.find("evaluate"), std::string::npos);
  const ProgramResult file = run_program("inspect " + out + "/distill/distilled.safetensors");
  EXPECT_NE(file.out.find("images"), std::string::npos) << file.out;
  EXPECT_NE(file.out.find("recipe_lr"), std::string::npos) << file.out;

  for (const std::string format : {"dataset", "png", "npz", "pt", "safetensors"}) {
    const ProgramResult exported = run_program("export " + out + " --to " + format);
    EXPECT_EQ(exported.status, 0) << exported.err;
  }
  EXPECT_TRUE(fs::exists(folder_ / "run/distill/distilled-png/000009.png"));
  EXPECT_TRUE(fs::exists(folder_ / "run/distill/distilled-png/contact_sheet.png"));
  EXPECT_TRUE(fs::exists(folder_ / "run/distill/distilled.npz"));
}

TEST_F(ProgramTest, PlanPrintsATableOrJsonAndWritesNothing) {
  const std::string arguments =
      (folder_ / "tiny.toml").string() + " --out " + (folder_ / "run").string();
  const ProgramResult json = run_program("plan " + arguments + " --json");
  ASSERT_EQ(json.status, 0) << json.err;
  const auto plan = nlohmann::json::parse(json.out);
  ASSERT_EQ(plan["stages"].size(), 8U);
  EXPECT_EQ(plan["stages"][0]["stage"], "teacher");
  EXPECT_EQ(plan["stages"][0]["done"], false);
  EXPECT_GT(plan["stages"][0]["peak_memory"], 1 << 20);
  EXPECT_GT(plan["seconds"], 0);

  const ProgramResult table = run("--dry-run");
  ASSERT_EQ(table.status, 0) << table.err;
  EXPECT_NE(table.out.find("teacher"), std::string::npos) << table.out;
  EXPECT_NE(table.out.find("to do: after teacher"), std::string::npos) << table.out;
  EXPECT_NE(table.out.find("left to do"), std::string::npos) << table.out;
  EXPECT_NE(table.out.find("Available: "), std::string::npos) << table.out;
  EXPECT_FALSE(fs::exists(folder_ / "run"));
}

TEST_F(ProgramTest, BenchPrintsJson) {
  for (const std::string engine : {"unrolled", "autograd", "native"}) {
    const ProgramResult result = run_program(
        "bench meta-gradient --width 4 --depth 2 --image-size 8 --targets 4 --batch 4 --steps 2 "
        "--repeats 2 --threads 1 --engine " +
        engine);
    ASSERT_EQ(result.status, 0) << result.err;
    const auto json = nlohmann::json::parse(result.out);
    EXPECT_EQ(json.at("engine"), engine);
    const auto& seconds = json.at("seconds_per_step");
    EXPECT_GT(seconds.at("min").get<double>(), 0);
    EXPECT_LE(seconds.at("min").get<double>(), seconds.at("median").get<double>());
    EXPECT_LE(seconds.at("median").get<double>(), seconds.at("max").get<double>());
    EXPECT_GT(json.at("peak_rss_bytes").get<int64_t>(), 1'000'000);
  }
}

TEST_F(ProgramTest, BenchComparesByTurns) {
  const std::string small = " --width 4 --depth 2 --image-size 8 --targets 4 --batch 4 --repeats 2";
  for (const std::string& what :
       {"meta-gradient --baseline unrolled --allocator default" + small, "train-step" + small,
        "embed" + small, std::string("probe --rows 40 --columns 6 --classes 3 --repeats 2"),
        std::string("augment --images 8 --repeats 2 --algorithm byol")}) {
    const ProgramResult result = run_program("bench " + what);
    ASSERT_EQ(result.status, 0) << what << result.err;
    EXPECT_GT(nlohmann::json::parse(result.out).at("ratio").get<double>(), 0) << what;
  }
}

TEST_F(ProgramTest, BenchDecodesAFolder) {
  const fs::path images = folder_ / "images";
  fs::create_directories(images);
  for (int i = 0; i < 3; ++i) {
    write_png(images / (std::to_string(i) + ".png"), torch::full({3, 9, 12}, i, torch::kUInt8));
  }
  const ProgramResult result = run_program("bench decode " + images.string() + " --repeats 1");
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(nlohmann::json::parse(result.out).at("images"), 3);
  EXPECT_GT(nlohmann::json::parse(result.out).at("images_per_second").get<double>(), 0);
}

TEST_F(ProgramTest, BenchCountsPairsOfViews) {
  const ProgramResult result = run_program("bench augment --images 8 --repeats 1 --threads 1");
  ASSERT_EQ(result.status, 0) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_NEAR(json.at("pairs_per_second").get<double>(),
              8 / json.at("seconds").at("median").get<double>(), 1);
  EXPECT_EQ(json.at("algorithm"), "barlow-twins");
  EXPECT_EQ(run_program("bench augment --algorithm magic").status, 2);
}

TEST_F(ProgramTest, AugmentSheetIsAPictureOfImagesAndViews) {
  const fs::path out = folder_ / "pictures/sheet.png";
  const ProgramResult result = run_program(
      "augment-sheet " + (folder_ / "tiny.toml").string() +
      " --images 3 --pairs 2 --set teacher.grey=1 --data.image_size 20 --out " + out.string());
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, out.string() + "\n");
  // 3 rows of 1 + 2·2 tiles: 20 pixels enlarged to 60, and gaps of 2.
  const torch::Tensor sheet = read_image(out);
  ASSERT_EQ(sheet.sizes(), at::IntArrayRef({3, 2 + 3 * 62, 2 + 5 * 62}));
  EXPECT_FALSE(torch::equal(sheet[0].narrow(1, 0, 62), sheet[1].narrow(1, 0, 62)));
  EXPECT_TRUE(torch::equal(sheet[0].narrow(1, 62, 250), sheet[1].narrow(1, 62, 250)));
  EXPECT_EQ(run_program("augment-sheet " + (folder_ / "tiny.toml").string() + " --pairs 0").status,
            2);
}

TEST_F(ProgramTest, InfoNamesTheKernelsAndTheEnvironmentChooses) {
  ::setenv("MKDT_ISA", "portable", 1);
  const ProgramResult chosen = run_program("info");
  ::setenv("MKDT_ISA", "sse9", 1);
  const ProgramResult wrong = run_program("info");
  ::unsetenv("MKDT_ISA");
  EXPECT_EQ(chosen.status, 0) << chosen.err;
  EXPECT_NE(chosen.out.find("native kernels  portable"), std::string::npos) << chosen.out;
  expect_user_error(wrong, "sse9");
}

// The growth from 4 to 40 steps is what the stored parameters need, and a little.
TEST_F(ProgramTest, MemoryOfAutogradHardlyGrowsWithTheSteps) {
  const auto peak = [](const std::string& engine, int steps) {
    const ProgramResult result = run_program(
        "bench meta-gradient --width 16 --image-size 32 --targets 512 --batch 32 --repeats 1 "
        "--threads 1 --engine " +
        engine + " --steps " + std::to_string(steps));
    return nlohmann::json::parse(result.out);
  };
  const auto growth = [&](const std::string& engine) {
    return peak(engine, 40).at("peak_rss_bytes").get<double>() -
           peak(engine, 4).at("peak_rss_bytes").get<double>();
  };
  const double stored = peak("autograd", 4).at("parameters").get<double>() * 4 * 36;
  EXPECT_LE(growth("autograd"), stored + 16e6);
  EXPECT_LE(growth("native"), 1.1 * stored + 4e6);
  EXPECT_GE(growth("unrolled"), 4 * stored);
}

TEST_F(ProgramTest, CheckComparesAndItsStatusTells) {
  MKDT_SHARED_OR_SKIP(path, "parity/convnet_d3_w8_32px.safetensors");
  const ProgramResult good = run_program("check " + path.string());
  EXPECT_EQ(good.status, 0) << good.out;
  EXPECT_EQ(std::count(good.out.begin(), good.out.end(), '\n'), 9);
  EXPECT_EQ(run_program("check " + path.string() + " --tolerance 1e-30").status, 1);
  EXPECT_EQ(run_program("check " + path.string() + " --dtype float32").status, 0);
}

TEST_F(ProgramTest, WrongPaths) {
  expect_user_error(run_program("run " + (folder_ / "no.toml").string()), "no.toml");
  expect_user_error(run("--set data.format=cifar --set data.root=/no/such/folder"), "data.root");
  expect_user_error(run_program("check " + (folder_ / "no.safetensors").string()),
                    "no.safetensors");
  expect_user_error(run_program("export " + folder_.path().string()), "no distilled set");
  expect_user_error(run_program("inspect " + folder_.path().string()), "no finished stage");
  expect_user_error(run_program("augment-sheet " + (folder_ / "no.toml").string()), "no.toml");
  EXPECT_FALSE(fs::exists(folder_ / "run"));
}

TEST_F(ProgramTest, OptionsThatDoNotFit) {
  expect_user_error(run("--set distill.iteration=3"), "'distill.iterations'");
  expect_user_error(run("--set distill.syn_steps=0"), "distill.syn_steps");
  expect_user_error(run("--set distill.engine=magic"), "auto, native, autograd or unrolled");
  expect_user_error(run("--set distill.precision=bfloat16 --set distill.engine=native"),
                    "distill.precision");
  expect_user_error(run("--set subset.size=100000"), "subset.size");
  expect_user_error(run("--set runtime.cores=1023"), "core 1023");
  expect_user_error(run("--set experts.architecture=resnet18 --set experts.norm=none"),
                    "experts.norm");
  expect_user_error(run("--set experts.norm=group --set experts.width=6"), "multiple of 4");
  write_text_atomically(folder_ / "tiny.toml", "[distill]\nitertions = 3\n");
  expect_user_error(run(""), "'distill.iterations'");
}

TEST_F(ProgramTest, TruncatedCifarFile) {
  const fs::path data = make_folder("cifar");
  write_text_atomically(data / "data_batch_1.bin", std::string(3073 * 20 - 1, '\1'));
  write_text_atomically(data / "test_batch.bin", std::string(3073 * 20, '\1'));
  expect_user_error(run("--set data.format=auto --set data.root=" + data.string()),
                    "data_batch_1.bin");
}

TEST_F(ProgramTest, FoldersOfImages) {
  const fs::path empty = make_folder("empty");
  expect_user_error(run("--set data.format=folder --set data.root=" + empty.string()), "empty");

  const fs::path text = make_folder("text");
  write_text_atomically(text / "note.jpg", "this is not a picture");
  expect_user_error(run("--set data.format=folder --set data.root=" + text.string()), "note.jpg");

  const fs::path mixed = make_folder("mixed");
  write_png(mixed / "a.png", torch::zeros({3, 16, 16}, torch::kUInt8));
  write_png(mixed / "b.png", torch::zeros({3, 20, 20}, torch::kUInt8));
  expect_user_error(
      run("--set data.format=folder --set data.image_size=0 --set data.root=" + mixed.string()),
      "data.image_size");
}

TEST_F(ProgramTest, ATrajectoryThatWasSwapped) {
  const std::string config = (folder_ / "tiny.toml").string();
  for (const std::string out : {"run", "other"}) {
    for (const std::string stage : {"teacher", "embed", "experts"}) {
      const std::string width = out == "other" ? " --set experts.width=6" : "";
      ASSERT_EQ(
          run_program(stage + " " + config + " --out " + (folder_ / out).string() + width).status,
          0);
    }
  }
  // The file is swapped behind the manifest's back.
  fs::copy_file(folder_ / "other/experts/expert_0000.safetensors",
                folder_ / "run/experts/expert_0000.safetensors",
                fs::copy_options::overwrite_existing);
  expect_user_error(run(""), "expert_0000.safetensors: damaged since 'experts' wrote it");
}

TEST_F(ProgramTest, RepresentationsWithAnotherNumberOfRows) {
  TensorFile file;
  file.tensors["representations"] = torch::ones({7, 3});
  write_safetensors(folder_ / "z.safetensors", file);
  expect_user_error(run("--set teacher.representations=" + (folder_ / "z.safetensors").string()),
                    "7 rows");
}

}  // namespace
}  // namespace mkdt::testing
