// How often the host waits for the device, and what it sends there: each costs a GPU its head
// start.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/devices/device_fixture.h"

namespace mkdt {
namespace {

using testing::Assignments;
using testing::DeviceCounts;
using testing::DeviceTest;
using testing::everything;
using testing::StageObserver;
using testing::with;

// What was done between two steps of a task.
class Counting : public StageObserver {
 public:
  explicit Counting(std::string task) : task_(std::move(task)) {}
  void begin(const std::string& task, int64_t /*total*/, const std::string& /*unit*/) override {
    now_ = task;
    testing::reset_device_counts();
  }
  void advance(int64_t /*steps*/, const std::string& /*note*/) override {
    if (now_ == task_ || (task_ == "embed" && now_.rfind("embed ", 0) == 0))
      steps_.push_back(testing::device_counts());
    testing::reset_device_counts();
  }
  // Of the usual step: without checkpoints and what is computed now and then.
  DeviceCounts usual() {
    if (steps_.empty()) return {};
    const auto middle = steps_.begin() + static_cast<std::ptrdiff_t>(steps_.size() / 2);
    std::nth_element(steps_.begin(), middle, steps_.end(),
                     [](const auto& a, const auto& b) { return a.waits() < b.waits(); });
    return *middle;
  }
  bool any() const { return !steps_.empty(); }

 private:
  std::string task_, now_;
  std::vector<DeviceCounts> steps_;
};

class Waits : public DeviceTest {
 protected:
  DeviceCounts of(const std::string& task, const std::string& stage,
                  const Assignments& assignments) const {
    Counting observer(task);
    run_pipeline(*there(with(everything(), assignments)), folder_ / "run", stage, observer,
                 testing::replace_it);
    EXPECT_TRUE(observer.any()) << task;
    const DeviceCounts usual = observer.usual();
    fmt::print("{:24} waits {:3} ({} of them copies), uploads {:3}, operators {:5}\n", task,
               usual.waits(), usual.downloads, usual.uploads, usual.operators);
    return usual;
  }
};

TEST_F(Waits, AreFewAStepOrEpoch) {
  for (const char* stage :
       {"teacher", "embed", "experts", "subset", "distill", "krr-st", "mtt-ssl", "pretrain"}) {
    const std::string task = stage == std::string("mtt-ssl") ? "mtt_ssl" : stage;
    EXPECT_LE(of(task, stage, {}).waits(), 20) << task;
  }
}

TEST_F(Waits, DoNotGrowWithTheStepsOfAnIteration) {
  for (const char* stage : {"teacher", "embed", "experts", "subset"}) run_there({}, stage);
  const DeviceCounts few = of("distill", "distill", {"distill.syn_steps=2"});
  const DeviceCounts many = of("distill", "distill", {"distill.syn_steps=6"});
  EXPECT_LE(many.waits(), few.waits());
  EXPECT_LE(many.uploads, few.uploads);
  const DeviceCounts few_views = of("mtt_ssl", "mtt-ssl", {"mtt_ssl.syn_steps=2"});
  const DeviceCounts many_views = of("mtt_ssl", "mtt-ssl", {"mtt_ssl.syn_steps=6"});
  EXPECT_LE(many_views.waits(), few_views.waits());
}

}  // namespace
}  // namespace mkdt
