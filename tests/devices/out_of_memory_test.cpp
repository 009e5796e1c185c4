// A device without memory left, in the middle of a stage.
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "tests/devices/device_fixture.h"

namespace mkdt {
namespace {

using testing::DeviceTest;
using testing::everything;
using testing::StageObserver;

// Once a stage has come so far, one of the next allocations finds no memory.
class ShortOfMemory : public StageObserver {
 public:
  explicit ShortOfMemory(std::string task) : task_(std::move(task)) {}
  ~ShortOfMemory() override { testing::fail_allocation(0); }
  void begin(const std::string& task, int64_t /*total*/, const std::string& /*unit*/) override {
    now_ = task;
  }
  void advance(int64_t steps, const std::string& /*note*/) override {
    if (now_ != task_ || steps < 3 || reached_) return;
    reached_ = true;
    testing::fail_allocation(11);
  }
  bool reached() const { return reached_; }

 private:
  std::string task_, now_;
  bool reached_ = false;
};

class OutOfMemory : public DeviceTest {
 protected:
  // What is said where it happens in `task`.
  std::string said(const std::string& task) const {
    ShortOfMemory observer(task);
    try {
      run_pipeline(*there(everything()), folder_ / "run", "", observer, testing::replace_it);
    } catch (const Error& error) {
      return error.what();
    }
    return observer.reached() ? "nothing" : "it did not come to it";
  }
};

TEST_F(OutOfMemory, IsOneLineThatNamesTheOptionAndLosesNothing) {
  const std::map<std::string, std::string> options = {
      {"teacher", "lower teacher.batch (32)"}, {"experts", "lower experts.batch (32)"},
      {"distill", "lower distill.batch (10)"}, {"krr-st", "lower krr_st.batch (32)"},
      {"mtt_ssl", "lower mtt_ssl.batch (10)"}, {"pretrain", "lower pretrain.batch (256)"}};
  for (const char* task : {"teacher", "experts", "distill", "krr-st", "mtt_ssl", "pretrain"}) {
    const std::string line = said(task);
    EXPECT_NE(line.find(options.at(task)), std::string::npos) << task << ": " << line;
    EXPECT_NE(line.find("out of memory"), std::string::npos) << line;
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  }
  const StageObserver again = run_there(everything());
  EXPECT_EQ(again.done.count("distill"), 0U);
  EXPECT_EQ(again.done.count("evaluate"), 1U);
  run_there(everything(), "", "undisturbed");
  EXPECT_EQ(bits("run"), bits("undisturbed"));
}

TEST_F(OutOfMemory, GoesOnFromTheCheckpoint) {
  run_there(everything(), "teacher");
  said("distill");
  const StageObserver again = run_there(everything());
  EXPECT_NE(again.said.find("distill: resumes at iteration 2"), std::string::npos) << again.said;
}

}  // namespace
}  // namespace mkdt
