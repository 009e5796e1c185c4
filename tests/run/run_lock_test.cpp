#include "mkdt/run/run_lock.h"

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/io/durable_file.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;

class Warnings : public Observer {
 public:
  void warn(const std::string& message) override { said += message; }
  std::string said;
};

TEST(RunLock, NamesTheProcessThatHasIt) {
  const testing::TemporaryFolder folder;
  Observer silent;
  const RunLock lock(folder / "run", silent);
  try {
    const RunLock second(folder / "run", silent);
    FAIL() << "no error";
  } catch (const Error& error) {
    const std::string message = error.what();
    char host[256] = "";
    gethostname(host, sizeof(host));
    EXPECT_NE(message.find("in use by process " + std::to_string(getpid()) + " on " + host),
              std::string::npos)
        << message;
  }
}

TEST(RunLock, LeavesNothing) {
  const testing::TemporaryFolder folder;
  Observer silent;
  for (int i = 0; i < 3; ++i) {
    const RunLock lock(folder / "run", silent);
    EXPECT_TRUE(fs::exists(folder / "run/lock.json"));
  }
  EXPECT_TRUE(fs::is_empty(folder / "run"));
}

TEST(RunLock, OfADeadProcessIsTakenOverAndSaid) {
  const testing::TemporaryFolder folder;
  const pid_t child = fork();
  if (child == 0) {
    Observer silent;
    const RunLock lock(folder.path(), silent);
    _exit(0);  // as if it had been killed: no destructor
  }
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(fs::exists(folder / "lock.json"));
  Warnings warnings;
  const RunLock lock(folder.path(), warnings);
  EXPECT_NE(warnings.said.find("process " + std::to_string(child)), std::string::npos)
      << warnings.said;
}

TEST(RunLock, AnUnfinishedLockFileIsNoObstacle) {
  const testing::TemporaryFolder folder;
  write_text_atomically(folder / "lock.json", "{\"ho");
  Observer silent;
  EXPECT_NO_THROW(RunLock(folder.path(), silent));
}

}  // namespace
}  // namespace mkdt
