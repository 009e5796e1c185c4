// A finished run that is started again and again.
#include <chrono>
#include <filesystem>
#include <map>
#include <string>

#include "tests/stages/pipeline_fixture.h"

namespace mkdt::testing {
namespace {

namespace fs = std::filesystem;

class FinishedRun : public PipelineTest {
 protected:
  // Every file below the run folder, with the checksum of its bytes.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "run")) {
      const std::string name = fs::relative(entry.path(), folder_ / "run").generic_string();
      found[name] = entry.is_regular_file() ? file_checksum(entry.path()) : "folder";
    }
    return found;
  }
};

TEST_F(FinishedRun, AThousandStartsChangeNoByteAndLeaveNoFile) {
  const std::vector<std::string> methods = {
      "evaluate.methods=none,krr-st,mtt-ssl,distilled,distilled-png,ssl,teacher",
      "mtt_ssl.experts=1", "mtt_ssl.iterations=2", "mtt_ssl.train_batch=32", "evaluate.seeds=1"};
  EXPECT_EQ(run(methods).done.size(), 10U);
  const auto before = files();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    const StageObserver again = run(methods);
    ASSERT_EQ(again.done, Strings());
    if (i == 0) {
      EXPECT_NE(again.said.find("evaluate: already done"), std::string::npos) << again.said;
      ASSERT_EQ(files(), before) << "after one start";
    }
  }
  EXPECT_EQ(files(), before);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  RecordProperty("seconds", std::to_string(seconds.count()));
}

}  // namespace
}  // namespace mkdt::testing
