#include "mkdt/publish/tensorboard.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "mkdt/base/error.h"
#include "mkdt/data/png.h"
#include "mkdt/io/durable_file.h"
#include "tests/fixtures/temporary_folder.h"
#include "tests/publish/event_file.h"

namespace mkdt {
namespace {

namespace fs = std::filesystem;
using testing::EventRecord;
using testing::read_events;
using testing::TemporaryFolder;

std::set<fs::path> files_in(const fs::path& folder) {
  return {fs::directory_iterator(folder), fs::directory_iterator()};
}

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

TEST(TensorBoard, EventsAreAsPublished) {
  const TemporaryFolder folder;
  const double before = now();
  TensorBoardWriter writer(folder / "run");
  writer.scalar("distill/matching_loss", 1, 0.75);
  writer.scalar("distill/syn_lr", int64_t{1} << 40, -1e-3);
  writer.scalar("teacher/loss", 0, std::numeric_limits<double>::quiet_NaN());
  const auto files = files_in(folder / "run");
  ASSERT_EQ(files.size(), 1U);
  const std::string name = files.begin()->filename().string();
  EXPECT_EQ(name.rfind("events.out.tfevents.", 0), 0U) << name;
  EXPECT_EQ(name.substr(name.size() - 5), ".mkdt");

  const std::vector<EventRecord> events = read_events(read_text(*files.begin()));
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[0].file_version, "brain.Event:2");
  EXPECT_FALSE(events[0].value.has_value());
  for (const EventRecord& event : events) {
    EXPECT_GE(event.wall_time, before);
    EXPECT_LE(event.wall_time, now());
  }
  EXPECT_EQ(events[1].tag, "distill/matching_loss");
  EXPECT_EQ(events[1].step, 1);
  EXPECT_EQ(events[1].value, 0.75F);
  EXPECT_EQ(events[2].tag, "distill/syn_lr");
  EXPECT_EQ(events[2].step, int64_t{1} << 40);
  EXPECT_EQ(events[2].value, -1e-3F);
  EXPECT_EQ(events[3].step, 0);
  EXPECT_TRUE(std::isnan(events[3].value.value()));
}

TEST(TensorBoard, AFileThatIsCutIsReadUpToTheCut) {
  const TemporaryFolder folder;
  TensorBoardWriter writer(folder.path());
  std::vector<size_t> ends;  // of the file after each point: it is there at once
  for (int64_t step = 0; step < 5; ++step) {
    writer.scalar("loss", step, 1.0 / static_cast<double>(step + 1));
    ends.push_back(fs::file_size(*files_in(folder.path()).begin()));
  }
  const std::string file = read_text(*files_in(folder.path()).begin());
  ASSERT_EQ(file.size(), ends.back());
  for (size_t size = 0; size <= file.size(); ++size) {
    const auto whole = std::count_if(ends.begin(), ends.end(), [&](size_t e) { return e <= size; });
    const std::vector<EventRecord> events = read_events(std::string_view(file).substr(0, size));
    const size_t points = events.empty() ? 0 : events.size() - 1;
    ASSERT_EQ(points, static_cast<size_t>(whole)) << size;
    for (size_t i = 0; i < points; ++i) {
      EXPECT_EQ(events[i + 1].step, static_cast<int64_t>(i));
      EXPECT_EQ(events[i + 1].value, 1.0F / static_cast<float>(i + 1));
    }
  }
}

TEST(TensorBoard, PicturesArePngFiles) {
  const TemporaryFolder folder;
  TensorBoardWriter writer(folder.path());
  torch::Tensor pixels = torch::zeros({3, 2, 5}, torch::kUInt8);
  pixels[1][1][4] = 200;
  writer.image("distill/images", 30, pixels);
  const auto events = read_events(read_text(*files_in(folder.path()).begin()));
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].tag, "distill/images");
  EXPECT_EQ(events[1].step, 30);
  EXPECT_FALSE(events[1].value.has_value());
  EXPECT_EQ(events[1].image_height, 2);
  EXPECT_EQ(events[1].image_width, 5);
  EXPECT_EQ(events[1].image_colorspace, 3);
  EXPECT_TRUE(torch::equal(decode_png(events[1].image, "event"), pixels));
}

TEST(TensorBoard, WithoutAPointThereIsNoFile) {
  const TemporaryFolder folder;
  { const TensorBoardWriter writer(folder.path()); }
  EXPECT_TRUE(files_in(folder.path()).empty());
}

TEST(TensorBoard, WritersOfTheSameSecondHaveFilesOfTheirOwnInOrder) {
  const TemporaryFolder folder;
  for (int64_t run = 0; run < 3; ++run) TensorBoardWriter(folder.path()).scalar("loss", run, 0);
  const auto files = files_in(folder.path());
  ASSERT_EQ(files.size(), 3U);
  int64_t run = 0;
  for (const fs::path& file : files) EXPECT_EQ(read_events(read_text(file)).at(1).step, run++);
}

TEST(TensorBoard, AFolderThatCannotBeWrittenIsNamed) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "file", "");
  TensorBoardWriter writer(folder / "file");
  try {
    writer.scalar("loss", 1, 1);
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).rfind((folder / "file").string(), 0), 0U) << error.what();
    EXPECT_NE(std::string(error.what()).find(": cannot create the folder: a file has its name"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace mkdt
