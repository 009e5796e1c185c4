#include "mkdt/run/manifest.h"

#include <gtest/gtest.h>

#include "mkdt/io/durable_file.h"
#include "tests/fixtures/hostile.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/fixtures/valid_files.h"

namespace mkdt {
namespace {

TEST(Manifest, OutputsStayInTheRunFolder) {
  const testing::TemporaryFolder folder;
  Manifest manifest;
  manifest.stage = "distill";
  manifest.outputs = {{"distill/set.safetensors", "0123"}};
  write_manifest(folder / "manifest.json", manifest);
  EXPECT_EQ(read_manifest(folder / "manifest.json")->outputs, manifest.outputs);
  for (const char* name : {"../secret", "/etc/passwd", "distill/../../secret", ""}) {
    manifest.outputs = {{"distill/set.safetensors", "0123"}, {name, "4567"}};
    write_manifest(folder / "manifest.json", manifest);
    EXPECT_FALSE(read_manifest(folder / "manifest.json")) << name;
  }
}

// A damaged one counts as none, which makes its stage work again.
TEST(Manifest, SurvivesDamage) {
  const testing::TemporaryFolder folder;
  const auto files = testing::valid_files();
  for (const std::string& bytes : files.at("manifest")) {
    testing::expect_survives(
        folder / "manifest.json", bytes, [&] { read_manifest(folder / "manifest.json"); }, 0);
  }
}

}  // namespace
}  // namespace mkdt
