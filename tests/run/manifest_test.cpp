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

TEST(Manifest, AnOptionThatCameLaterHasNotChangedWhileItHasItsDefault) {
  Manifest then;
  then.stage = "distill";
  then.options = {{"distill.batch", "256"}};
  Manifest now = then;
  now.options["distill.short_batches"] = "false";
  EXPECT_EQ(changes(then, now).size(), 1U);
  Entries defaults = {{"distill.batch", "256"}, {"distill.short_batches", "false"}};
  find_later_options(now, then, defaults);
  EXPECT_TRUE(changes(then, now).empty());
  EXPECT_EQ(now.key(), then.key());

  Manifest chosen = now;
  chosen.options["distill.short_batches"] = "true";
  find_later_options(chosen, then, defaults);
  ASSERT_EQ(changes(then, chosen).size(), 1U);
  EXPECT_EQ(changes(then, chosen)[0].text, "distill.short_batches is new");
  EXPECT_NE(chosen.key(), then.key());

  Manifest unknown = now;
  unknown.options["distill.sources"] = "3";  // of no section
  find_later_options(unknown, then, defaults);
  EXPECT_EQ(changes(then, unknown)[0].key, "distill.sources");
}

// What goes on with work that did not know an option keeps its key, but its manifest has the value.
TEST(Manifest, AnOptionThatCameLaterIsRecordedAndItsChangedDefaultIsAChange) {
  const testing::TemporaryFolder folder;
  Manifest then;
  then.stage = "experts";
  then.options = {{"experts.count", "2"}};
  Manifest more = then;
  more.options = {{"experts.count", "2"}, {"experts.sources", "1"}};
  find_later_options(more, then, {{"experts.count", "9"}, {"experts.sources", "1"}});
  write_manifest(folder / "manifest.json", more);
  const Manifest read = *read_manifest(folder / "manifest.json");
  EXPECT_EQ(read.options, more.options);
  EXPECT_EQ(read.key(), then.key());

  Manifest now = read;
  find_later_options(now, read, {{"experts.sources", "1"}});
  EXPECT_TRUE(changes(read, now).empty());
  EXPECT_EQ(now.key(), then.key());

  now.options["experts.sources"] = "2";
  find_later_options(now, read, {{"experts.sources", "2"}});
  ASSERT_EQ(changes(read, now).size(), 1U);
  EXPECT_EQ(changes(read, now)[0].text, "experts.sources changed from 1 to 2");
  EXPECT_NE(now.key(), then.key());
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
