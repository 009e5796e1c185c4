#include "mkdt/io/growing_tensor_file.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "mkdt/io/durable_file.h"
#include "tests/fixtures/temporary_folder.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

class GrowingTensorFileTest : public ::testing::Test {
 protected:
  GrowingTensorFile open(const std::string& kind = "a") {
    return GrowingTensorFile(path_, layouts_, {{"kind", kind}}, silent_);
  }

  TemporaryFolder folder_;
  fs::path path_ = folder_ / "new" / "made.safetensors";
  fs::path partial_ = folder_ / "new" / "made.safetensors.partial";
  torch::Tensor rows_ = torch::arange(24, torch::kInt64).reshape({4, 2, 3}).to(torch::kUInt8);
  torch::Tensor names_ = torch::arange(4, torch::kInt64);
  std::map<std::string, TensorLayout> layouts_ = {{"rows", {torch::kUInt8, {4, 2, 3}}},
                                                  {"names", {torch::kInt64, {4}}}};
  Observer silent_;
};

TEST_F(GrowingTensorFileTest, HasTheBytesOfOneWrittenAtOnce) {
  {
    const GrowingTensorFile file = open();
    file.write("rows", 2, rows_.slice(0, 2, 4));
    file.write("names", 0, names_);
    EXPECT_FALSE(fs::exists(path_));
  }
  {
    GrowingTensorFile file = open();  // goes on
    EXPECT_TRUE(torch::equal(file.read("rows", 2, 2), rows_.slice(0, 2, 4)));
    EXPECT_FALSE(file.read("rows", 0, 2).any().item<bool>());
    file.write("rows", 0, rows_.slice(0, 0, 2));
    file.finish();
  }
  EXPECT_FALSE(fs::exists(partial_));
  const fs::path whole = folder_ / "whole.safetensors";
  write_safetensors(whole,
                    TensorFile{{{"rows", rows_}, {"names", names_}}, {{"kind", "a"}}, {}, ""});
  EXPECT_EQ(read_text(path_), read_text(whole));
}

TEST_F(GrowingTensorFileTest, OfSomethingElseBeginsAnew) {
  open("a").write("names", 0, names_);
  EXPECT_TRUE(torch::equal(open("a").read("names", 0, 4), names_));
  EXPECT_FALSE(open("b").read("names", 0, 4).any().item<bool>());
  write_text_atomically(partial_, "cut off");
  EXPECT_FALSE(open("b").read("names", 0, 4).any().item<bool>());
}

TEST_F(GrowingTensorFileTest, WaitsForWhoeverWritesIt) {
  auto first = std::make_unique<GrowingTensorFile>(path_, layouts_,
                                                   std::map<std::string, std::string>(), silent_);
  bool finished = false;
  std::thread second([&] {
    Observer other;
    const GrowingTensorFile file(path_, layouts_, {}, other);
    finished = file.is_finished();
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  first->finish();
  first.reset();
  second.join();
  EXPECT_TRUE(finished);
  EXPECT_FALSE(fs::exists(partial_));
}

TEST_F(GrowingTensorFileTest, StopsWaitingWhenAsked) {
  class Impatient : public Observer {
   public:
    bool stop_wanted() const override { return true; }
  };
  const GrowingTensorFile first = open();
  Impatient observer;
  EXPECT_THROW(GrowingTensorFile(path_, layouts_, {{"kind", "a"}}, observer), Stopped);
}

TEST_F(GrowingTensorFileTest, SaysWhatCannotBeWritten) {
  write_text_atomically(folder_ / "new", "a file where the folder should be");
  EXPECT_THROW(open(), CannotGrow);
}

TEST_F(GrowingTensorFileTest, TakesNoPlaceThatIsNotThere) {
  layouts_["rows"].shape = {int64_t{1} << 50, 2, 3};
  EXPECT_THROW(open(), CannotGrow);
  EXPECT_FALSE(fs::exists(partial_));
}

}  // namespace
}  // namespace mkdt
