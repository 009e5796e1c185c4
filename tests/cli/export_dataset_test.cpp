// `mkdt export RUN --to dataset`, of a run, of a run that went on, and of a file alone.
#include <filesystem>

#include <gtest/gtest.h>

#include "mkdt/io/durable_file.h"
#include "tests/cli/program.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/stages/tiny_run.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::ProgramResult;
using testing::run_program;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(ExportDataset, KnowsOfTheRunWhatIsOfThisSet) {
  const testing::TemporaryFolder folder;
  write_text_atomically(folder / "tiny.toml", testing::tiny_config());
  const std::string run = (folder / "run").string();
  const std::string arguments = (folder / "tiny.toml").string() + " --out " + run;
  ASSERT_EQ(run_program("run " + arguments + " --set evaluate.seeds=1").status, 0);

  const fs::path card = folder / "run/distill/distilled-dataset/README.md";
  ProgramResult result = run_program("export " + run + " --to dataset --license cc-by-4.0");
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "10 images")) << result.out;
  std::string text = read_text(card);
  EXPECT_TRUE(contains(text, "license: \"cc-by-4.0\"")) << text;
  EXPECT_TRUE(contains(text, "distilled from 108 images of shapes")) << text;
  EXPECT_TRUE(contains(text, "### shapes, ")) << text;
  EXPECT_TRUE(contains(text, "against random")) << text;
  EXPECT_FALSE(contains(text, folder.path().string())) << text;
  EXPECT_TRUE(fs::exists(card.parent_path() / "results.csv"));

  // The comparison is of the set that was there before.
  ASSERT_EQ(run_program("distill " + arguments + " --set distill.iterations=5").status, 0);
  result = run_program("export " + run + " --to dataset");
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(contains(result.err, "not of this set")) << result.err;
  text = read_text(card);
  EXPECT_TRUE(contains(text, "license: \"unknown\"")) << text;
  EXPECT_TRUE(contains(text, "It was not compared")) << text;
  EXPECT_FALSE(fs::exists(card.parent_path() / "results.csv"));

  // A file alone says neither.
  const fs::path out = folder / "published";
  result = run_program("export " + run + "/distill/distilled.safetensors --to dataset --out " +
                       out.string());
  ASSERT_EQ(result.status, 0) << result.err;
  text = read_text(out / "README.md");
  EXPECT_TRUE(contains(text, "distilled from images of shapes")) << text;
  EXPECT_TRUE(contains(text, "It was not compared")) << text;

  result = run_program("export " + run + " --to dataset --license 'my own'");
  EXPECT_EQ(result.status, 2);
  EXPECT_TRUE(contains(result.err, "--license: expected")) << result.err;
}

}  // namespace
}  // namespace mkdt
