// examples/export_encoder.py, and what `mkdt embed` makes of its file.
#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/cli/program.h"
#include "tests/fixtures/python.h"
#include "tests/pipeline/tiny_run.h"

namespace mkdt::testing {
namespace {

TEST(ExportEncoder, MakesATeacherOfATorchvisionModel) {
  MKDT_PYTHON_OR_SKIP("torch", "torchvision");
  const TemporaryFolder folder;
  const std::string script =
      std::string(std::getenv("MKDT_SOURCE_DIR")) + "/examples/export_encoder.py";
  const std::string encoder = (folder / "encoder.pt").string();
  // The flags that it prints are what the program is given.
  const std::string command = "/usr/bin/python3 " + script +
                              " --library torchvision resnet18 --weights none --size 48 --out " +
                              encoder + " > " + (folder / "flags").string();
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::string flags = read_text(folder / "flags");
  flags.pop_back();
  write_text_atomically(folder / "tiny.toml", tiny_config());
  const ProgramResult result = run_program("embed " + (folder / "tiny.toml").string() + " --out " +
                                           (folder / "run").string() + " " + flags);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.err.find("embed: teacher: 512 dimensions"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace mkdt::testing
