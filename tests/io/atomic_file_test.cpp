#include <stdexcept>
#include <string>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/io/durable_file.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;

int files_in(const fs::path& folder) {
  int count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder)) ++count;
  return count;
}

TEST(AtomicFile, WritesAndReplacesInNewFolders) {
  const testing::TemporaryFolder folder;
  const fs::path path = folder / "a/b/file.txt";
  write_text_atomically(path, "one");
  EXPECT_EQ(read_text(path), "one");
  write_text_atomically(path, "two");
  EXPECT_EQ(read_text(path), "two");
  EXPECT_EQ(files_in(path.parent_path()), 1);
}

TEST(AtomicFile, FailureLeavesTheOldFileAndNoOther) {
  const testing::TemporaryFolder folder;
  const fs::path path = folder / "file.txt";
  write_text_atomically(path, "old");
  const auto fail = [](std::ostream& stream) {
    stream << "half";
    throw std::runtime_error("no more");
  };
  EXPECT_THROW(write_file_atomically(path, fail), std::runtime_error);
  EXPECT_EQ(read_text(path), "old");
  EXPECT_EQ(files_in(folder.path()), 1);
}

TEST(AtomicFile, FailedStreamIsAnErrorThatNamesTheFile) {
  const testing::TemporaryFolder folder;
  const auto break_stream = [](std::ostream& stream) {
    stream.setstate(std::ios::badbit);  // what a failed write leaves behind
  };
  try {
    write_file_atomically(folder / "file", break_stream);
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("file"), std::string::npos);
  }
  EXPECT_EQ(files_in(folder.path()), 0);
}

TEST(AtomicFile, NamesWhatCannotBeReadOrCreated) {
  const testing::TemporaryFolder folder;
  EXPECT_THROW(read_text(folder / "nothing"), Error);
  EXPECT_THROW(read_text(folder.path()), Error);
  write_text_atomically(folder / "file", "x");
  EXPECT_THROW(write_text_atomically(folder / "file/below", "x"), Error);
}

TEST(AtomicFile, APipeIsNotReplaced) {
  const testing::TemporaryFolder folder;
  const fs::path pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THROW(write_text_atomically(pipe, "x"), Error);
  EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST(AtomicFile, ALinkThatLeadsNowhereIsNoFolder) {
  const testing::TemporaryFolder folder;
  fs::create_symlink("nowhere", folder / "link");
  try {
    create_folder(folder / "link");
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("a link to 'nowhere'"), std::string::npos);
  }
}

}  // namespace
}  // namespace mkdt
