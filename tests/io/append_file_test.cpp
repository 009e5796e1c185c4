#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/io/durable_file.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

TEST(AppendFile, GoesOnBehindTheLastWholeLine) {
  const testing::TemporaryFolder folder;
  const auto path = folder / "new" / "log";
  AppendFile(path).add_line("one");
  AppendFile(path).add_line("two");
  EXPECT_EQ(read_text(path), "one\ntwo\n");
  write_text_atomically(path, "one\ntw");
  AppendFile(path).add_line("three");
  EXPECT_EQ(read_text(path), "one\nthree\n");
  write_text_atomically(path, "no end");
  { const AppendFile cut(path); }
  EXPECT_EQ(read_text(path), "");
}

TEST(AppendFile, ErrorsNameTheFileAndTheReason) {
  try {
    AppendFile("/dev/full").add_line("x");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "/dev/full: cannot write: No space left on device");
  }
}

}  // namespace
}  // namespace mkdt
