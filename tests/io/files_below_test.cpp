#include <algorithm>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/folders.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

TEST(FilesBelow, AreAllRegularFiles) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "a/b/1", "");
  write_text_atomically(folder / "2", "");
  fs::create_symlink("2", folder / "link");
  fs::create_directory_symlink("a", folder / "folder");
  std::vector<fs::path> files = files_below(folder.path());
  std::sort(files.begin(), files.end());
  EXPECT_EQ(files, (std::vector<fs::path>{folder / "2", folder / "a/b/1", folder / "link"}));
}

TEST(FilesBelow, NamesTheFolderThatCannotBeListed) {
  const TemporaryFolder folder;
  try {
    files_below(folder / "none");
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).rfind((folder / "none").string() + ": cannot list", 0), 0U);
  }
}

}  // namespace
}  // namespace mkdt
