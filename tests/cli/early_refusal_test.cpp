// What is wrong is said before the first stage, with one line and status 2.
#include <cstdlib>

#include <gtest/gtest.h>
#include <torch/cuda.h>

#include "tests/cli/program.h"
#include "tests/stages/tiny_run.h"

namespace mkdt::testing {
namespace {

namespace fs = std::filesystem;

TEST(EarlyRefusal, InstructionsThatAreNotThere) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "tiny.toml", tiny_config());
  const std::string run = (folder / "tiny.toml").string() + " --out " + (folder / "run").string();
  ::setenv("MKDT_ISA", "abacus", 1);
  const ProgramResult refused = run_program("run " + run);
  const ProgramResult plan = run_program("plan " + run);
  ::unsetenv("MKDT_ISA");
  for (const ProgramResult& result : {refused, plan}) {
    EXPECT_EQ(result.status, 2) << result.err;
    EXPECT_NE(result.err.find("MKDT_ISA is 'abacus'"), std::string::npos) << result.err;
  }
  EXPECT_FALSE(fs::exists(folder / "run/teacher"));
}

TEST(EarlyRefusal, MoreAxesThanDimensions) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "tiny.toml", tiny_config());
  const std::string run =
      (folder / "tiny.toml").string() + " --set teacher.pca=33 --out " + (folder / "run").string();
  for (const char* command :
       {"run ", "plan ", "compare --dry-run ", "run --dry-run ", "teacher "}) {
    const ProgramResult result = run_program(command + run);
    EXPECT_EQ(result.status, 2) << command << result.err;
    EXPECT_NE(result.err.find("teacher.pca is 33"), std::string::npos) << command << result.err;
  }
  EXPECT_FALSE(fs::exists(folder / "run/teacher"));
}

TEST(EarlyRefusal, ADeviceThatCannotBeUsed) {
  if (torch::cuda::is_available()) GTEST_SKIP() << "it can be used here";
  const TemporaryFolder folder;
  write_text_atomically(folder / "tiny.toml", tiny_config());
  const std::string run =
      (folder / "tiny.toml").string() + " --runtime.device cuda --out " + (folder / "run").string();
  for (const std::string& command :
       {"run " + run, "plan " + run, std::string("bench meta-gradient --device cuda")}) {
    const ProgramResult result = run_program(command);
    EXPECT_EQ(result.status, 2) << command << result.err;
    EXPECT_NE(result.err.find("set runtime.device to cpu"), std::string::npos) << result.err;
    EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
  }
  EXPECT_FALSE(fs::exists(folder / "run"));
}

}  // namespace
}  // namespace mkdt::testing
