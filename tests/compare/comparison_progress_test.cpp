#include <vector>

#include <gtest/gtest.h>

#include "mkdt/compare/comparison.h"

namespace mkdt {
namespace {

class Recorder : public Observer {
 public:
  void begin(const std::string&, int64_t total, const std::string&) override { total_ = total; }
  void advance(int64_t done, const std::string& note) override {
    done_.push_back(done);
    note_ = note;
  }
  int64_t total_ = 0;
  std::vector<int64_t> done_;
  std::string note_;
};

TEST(ComparisonProgress, PartsAddUpToTheWhole) {
  Recorder recorder;
  ComparisonProgress progress(recorder, 60);
  progress.finish(10, "first");
  Observer& part = progress.part(40, "second");
  part.begin("recipe search", 200, "steps");
  part.advance(50, "lr 0.1");
  EXPECT_EQ(recorder.note_, "second, lr 0.1");
  part.advance(200, "");
  EXPECT_EQ(recorder.note_, "second");
  progress.finish(40, "second");
  progress.finish(10, "third");
  EXPECT_EQ(recorder.total_, 60);
  EXPECT_EQ(recorder.done_, (std::vector<int64_t>{10, 20, 50, 50, 60}));
}

}  // namespace
}  // namespace mkdt
