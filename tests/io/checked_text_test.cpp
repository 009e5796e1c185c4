#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/io/checkpoint.h"
#include "mkdt/io/durable_file.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

TEST(CheckedText, GivesBackTheNewestWholeVersion) {
  const testing::TemporaryFolder folder;
  const auto path = folder / "rows.json";
  Observer silent;
  EXPECT_FALSE(read_checked_text(path, silent));
  write_checked_text(path, "first\n");
  write_checked_text(path, "second\nwith lines\n");
  EXPECT_EQ(read_checked_text(path, silent), "second\nwith lines\n");
  std::string bytes = read_text(path);
  bytes[bytes.size() - 3] = 'x';
  write_text_atomically(path, bytes);
  EXPECT_THROW(checked_text(path), Error);
  EXPECT_EQ(read_checked_text(path, silent), "first\n");
  write_text_atomically(folder / "rows.previous.json", "");
  EXPECT_FALSE(read_checked_text(path, silent));
}

}  // namespace
}  // namespace mkdt
