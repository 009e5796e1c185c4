// What a run is doing at this moment, as files for those who watch it: RUN/live/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include <torch/types.h>

#include "mkdt/core/progress_rate.h"
#include "mkdt/core/throttle.h"

namespace mkdt {

struct LiveProgress {
  std::string task, unit, note;
  int64_t done = 0, total = 0;
  double rate = 0;  // units a second since the task began or went on; 0: not known yet
};

// Writes them now and then. A file that cannot be written is no reason to end a run: from then on
// nothing more is.
class LiveFiles {
 public:
  explicit LiveFiles(const std::filesystem::path& run_folder);

  void begin(const std::string& task, int64_t total, const std::string& unit);
  void advance(int64_t done, const std::string& note);
  // uint8 [M,C,H,W] after `step` of the task.
  void images(const std::string& task, int64_t step, const torch::Tensor& pixels);
  // When a task is over; images stay, for a run that is interrupted.
  void end_progress();
  // When the run has finished.
  void remove();

 private:
  void make_folder() const;
  void write_progress();

  std::filesystem::path folder_;
  bool usable_ = true;
  LiveProgress progress_;
  ProgressRate rate_;
  bool begun_ = false;  // whether the task has reported anything
  Throttle throttle_;
};

// Nothing where there is none, or where it cannot be read: the file may be from anywhere.
std::optional<LiveProgress> read_live_progress(const std::filesystem::path& run_folder);

struct LiveImages {
  torch::Tensor pixels;  // uint8 [M,C,H,W]
  int64_t step = 0;
};
std::optional<LiveImages> read_live_images(const std::filesystem::path& run_folder,
                                           const std::string& task);

}  // namespace mkdt
